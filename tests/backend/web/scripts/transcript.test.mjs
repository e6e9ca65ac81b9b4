import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, lineAt } from "../../../../backend/web/frontend/src/transcript.ts";

const cues = [
  { fromMs: 1000, toMs: 2000, text: "一" },
  { fromMs: 3000, toMs: 9000, text: "二" },
  { fromMs: 3000, toMs: 4000, text: "三" },
];

test("the line that is said is the last that has begun", () => {
  assert.deepEqual([0, 999, 1000, 2500, 3000, 1e9].map((ms) => lineAt(cues, ms)), [-1, -1, 0, 0, 2, 2]);
  assert.equal(lineAt([], 5), -1);
});

test("words are found in any width, any case, and over the end of a line", () => {
  assert.ok(fits("依据ＧＢ／Ｔ　２９４９０", "gb/t 29490"));
  assert.ok(fits("自主知识\n产权", "知识产权"));
  assert.ok(fits("Good\nmorning", "good MORNING"));
  assert.ok(!fits("知识产权", "专利"));
  assert.ok(!fits("知识产权", "知识 专利"));
});
