// When an item counts as answered, and what the page takes for a number.
import assert from "node:assert/strict";
import { test } from "node:test";
import { standing } from "../../../../backend/web/frontend/src/items/answered.ts";
import { isNumber, turned } from "../../../../backend/web/frontend/src/items/number.ts";

const options = [{ id: "A", text: "一" }, { id: "B", text: "二" }];
const shown = { id: "T", stem: "", points: 1 };
const text = (words) => ({ kind: "text", text: words });
const picked = (...ids) => ({ kind: "choice", picked: ids });
const cloze = { ...shown, kind: "cloze", gaps: [{ id: "a", kind: "short-text" }, { id: "b", kind: "single", options }] };
const told = { ...shown, kind: "case", parts: [{ ...shown, id: "1", kind: "single", options }, { ...cloze, id: "2" }] };
const gaps = (a, b) => ({ kind: "gaps", gaps: { a: text(a), b: picked(...b) } });

test("an item is answered when nothing in it is left blank", () => {
  const cases = [
    [{ ...shown, kind: "single", options }, undefined, "open"],
    [{ ...shown, kind: "single", options }, picked(), "open"],
    [{ ...shown, kind: "single", options }, picked("A"), "answered"],
    [{ ...shown, kind: "essay" }, text("　\n "), "open"],
    [{ ...shown, kind: "numeric" }, { kind: "number", value: "3", unit: "" }, "answered"],
    [{ ...shown, kind: "numeric" }, { kind: "number", value: "", unit: "kg" }, "open"],
    [{ ...shown, kind: "matching", left: options }, { kind: "pairs", pairs: { A: "x" } }, "part"],
    [{ ...shown, kind: "matching", left: options }, { kind: "pairs", pairs: { A: "x", B: "x" } }, "answered"],
    [cloze, gaps("证书", []), "part"],
    [cloze, gaps("证书", ["B"]), "answered"],
    [told, { kind: "parts", parts: { 1: picked("A"), 2: gaps("证书", []) } }, "part"],
    [told, { kind: "parts", parts: { 1: picked("A"), 2: gaps("证书", ["A"]) } }, "answered"],
    [told, { kind: "parts", parts: { 1: picked(), 2: gaps("", []) } }, "open"],
  ];
  for (const [item, answer, said] of cases) assert.equal(standing(item, answer), said, JSON.stringify(answer));
});

// As courses/items/wording.py reads them; tests/courses/items has the whole table.
const NUMBERS = ["12.5", "１２．５", "-3", "－３", "—3", "1,200", "１，２００", ".5", "5.", "1e3", " 4 0 ", "+7", "①"];
const NO_NUMBERS = ["", "三点五", "1,2", "1.2.3", "5²", "12,34,5", "-", "kg 5"];

test("the page takes for a number what the server reads as one", () => {
  for (const one of NUMBERS) assert.equal(isNumber(one, false), true, one);
  for (const one of NO_NUMBERS) assert.equal(isNumber(one, true), false, one);
  assert.equal(isNumber("500 g", true), true);
  assert.equal(isNumber("500 g", false), false);
});

test("the sign turns and turns back", () => {
  assert.deepEqual(["3", "-3", "－3", ""].map(turned), ["-3", "3", "3", "-"]);
});
