// Which seconds wait for which question: the rules of `stretch.ts`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, furthest, isDue, minus, played, seconds, spansOf } from "../../../../backend/web/frontend/src/stretch.ts";

const CHECKS = [3, 5].map((number) => ({ number, afterSeconds: 480, zh: "", en: "", options: [] }));
const begun = (known = []) => ({ check: 3, waiting: [], known, position: 0 });

test("what counts already does not wait again", () => {
  const standing = played(begun([[0, 100]]), [[50, 150]]);
  assert.deepEqual([standing.waiting, standing.position], [[[100, 150]], 150]);
});

test("a question comes after its time of new seconds, a little early, or where the lecture ends", () => {
  const short = played(begun([[0, 400]]), [[0, 420]]);
  assert.equal(isDue(short, CHECKS, false), false);
  assert.equal(isDue(short, CHECKS, true), true);
  assert.equal(isDue(played(begun(), [[0, 477]]), CHECKS, false), false);
  assert.equal(isDue(played(begun(), [[0, 478]]), CHECKS, false), true);
  assert.equal(isDue(begun([[0, 900]]), CHECKS, true), false, "nothing waits");
});

test("after the answer the next question decides, and after the last one none", () => {
  const first = answered(played(begun(), [[0, 30]]), CHECKS);
  assert.deepEqual([first.check, first.waiting, first.known], [5, [], [[0, 30]]]);
  const last = answered(played(first, [[30, 60]]), CHECKS);
  assert.equal(last.check, null);
  assert.equal(isDue(played(last, [[60, 900]]), CHECKS, true), false);
});

test("seeking reaches what waits and what counts", () => {
  assert.equal(furthest(begun()), 0);
  assert.equal(furthest(played(begun([[0, 10]]), [[10, 20]])), 20);
});

test("spans are counted once and nothing given in is changed", () => {
  const spans = [[5, 10], [0, 7]];
  assert.equal(seconds(spans), 10);
  assert.deepEqual(minus([[0, 10]], [[3, 4], [9, 20]]), [[0, 3], [4, 9]]);
  assert.deepEqual(spans, [[5, 10], [0, 7]]);
});

test("the server's bitmap: second n is bit n % 8 of byte n // 8, lowest first", () => {
  const bytes = String.fromCharCode(0b10000001, 0b00000011);
  assert.deepEqual(spansOf(btoa(bytes)), [[0, 1], [7, 10]]);
});
