// Which seconds count as played: the rules of `spans.ts`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Recorder, firstGap, union } from "../../../../backend/web/frontend/src/spans.ts";

/** Reports as a player gives them, four a second, from one position to another. */
function play(recorder, from, to, clock = from) {
  for (let at = from; at <= to + 1e-9; at += 0.25) recorder.playing(at, (clock + at - from) * 1000);
}

test("ten seconds played are ten seconds", () => {
  const recorder = new Recorder(60, 1);
  play(recorder, 0, 10);
  assert.deepEqual(recorder.take(), [[0, 10]]);
});

test("a begun second waits for the next beat and is not counted twice", () => {
  const recorder = new Recorder(60, 1);
  play(recorder, 0, 9.5);
  assert.deepEqual(recorder.take(), [[0, 9]]);
  play(recorder, 9.75, 12, 9.75);
  assert.deepEqual(recorder.take(), [[9, 12]]);
  assert.deepEqual(recorder.take(), []);
});

test("a jump between two reports is a seek, not watching", () => {
  const recorder = new Recorder(60, 1);
  play(recorder, 0, 5);
  play(recorder, 40, 45, 5.25);
  assert.deepEqual(recorder.take(), [[0, 5], [40, 45]]);
});

test("a second seen only in its last part does not count", () => {
  const recorder = new Recorder(60, 1);
  play(recorder, 3.6, 6.1);
  assert.deepEqual(recorder.take(), [[4, 6]]);
});

test("a late first report does not cost the first second", () => {
  const recorder = new Recorder(60, 1);
  play(recorder, 0.25, 3);
  assert.deepEqual(recorder.take(), [[0, 3]]);
});

test("a device too busy to tell of the beginning loses nothing of it", () => {
  const recorder = new Recorder(60, 1);
  recorder.playing(0, 0); // it stands there
  play(recorder, 1.5, 3, 1.6);
  assert.deepEqual(recorder.take(), [[0, 3]]);
});

test("a pause within a second does not cost that second", () => {
  const recorder = new Recorder(60, 1);
  play(recorder, 0, 5.5);
  recorder.playing(5.5, 100_000);
  play(recorder, 5.5, 8, 100);
  assert.deepEqual(recorder.take(), [[0, 8]]);
});

test("a page in the background reports seldom and loses nothing", () => {
  const recorder = new Recorder(60, 1);
  for (const at of [0, 1, 5, 20]) recorder.playing(at, at * 1000);
  assert.deepEqual(recorder.take(), [[0, 20]]);
});

test("the end of the lecture completes its last second", () => {
  const recorder = new Recorder(12, 1);
  play(recorder, 0, 11.5);
  recorder.ended();
  assert.deepEqual(recorder.take(), [[0, 12]]);
});

test("an end reached by seeking completes nothing", () => {
  const recorder = new Recorder(12, 1);
  play(recorder, 0, 3);
  recorder.stop();
  recorder.ended();
  assert.deepEqual(recorder.take(), [[0, 3]]);
});

test("spans join whatever their order", () => {
  assert.deepEqual(union([[5, 9], [0, 3], [3, 5], [20, 22]]), [[0, 9], [20, 22]]);
});

test("the first gap is where watching is to go on", () => {
  assert.equal(firstGap([], 30), 0);
  assert.equal(firstGap([[2, 30]], 30), 0);
  assert.equal(firstGap([[0, 7], [9, 30]], 30), 7);
  assert.equal(firstGap([[0, 30]], 30), null);
});
