// Answers of an exam are kept until the server has them, whatever the network does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Offline, Problem } from "../../../../backend/web/frontend/src/api.ts";
import { Saver } from "../../../../backend/web/frontend/src/sitting/saver.ts";

const text = (words) => ({ kind: "text", text: words });

/** A shelf, a server that does as `line` says, and a clock that runs when it is told to. */
function world(line = () => undefined) {
  const kept = new Map();
  const told = { refused: [], stopped: [], waiting: [] };
  const got = [];
  const timers = [];
  const shelf = {
    all: async () => [...kept.values()],
    put: async (one) => void kept.set(one.position, one),
    drop: async (sent) => {
      for (const one of sent) if (kept.get(one.position)?.sequence === one.sequence) kept.delete(one.position);
    },
  };
  const send = async (batch) => {
    const done = line(batch);
    if (done instanceof Error) throw done;
    got.push(...batch);
    return done ?? batch.map(({ position, sequence }) => ({ position, sequence, verdict: "saved", why: null }));
  };
  const listener = {
    waiting: (problem) => told.waiting.push(problem),
    refused: (one) => told.refused.push(one.position),
    stopped: (problem) => told.stopped.push(problem.code),
  };
  const saver = (next = 1_000_001) => new Saver("t", next, shelf, send, listener, (work) => timers.push(work));
  return { kept, told, got, timers, saver };
}

test("what a lost line held back is sent when it is there again, the newest of each item only", async () => {
  let away = true;
  const { kept, got, timers, saver } = world(() => (away ? new Offline() : undefined));
  const one = saver();
  one.put(1, text("a"), 10);
  await one.flush();
  one.put(1, text("b"), 20);
  one.put(2, text("c"), 5);
  await one.flush();
  assert.equal(timers.length, 1); // one try is due, not one for each answer
  assert.deepEqual([one.unsent.length, kept.size], [2, 2]);
  away = false;
  timers.pop()();
  await one.flush();
  assert.deepEqual(got.map((sent) => [sent.position, sent.answer.text, sent.sequence, sent.spentMs]), [[1, "b", 1_000_002, 20], [2, "c", 1_000_003, 5]]);
  assert.deepEqual([one.unsent.length, kept.size], [0, 0]);
});

test("a turn that goes on without a network counts on from what was sent and what was not", async () => {
  const { got, kept, saver } = world();
  kept.set(2, { attempt: "t", position: 2, answer: text("unsent"), sequence: 1_000_009, spentMs: 1 });
  const one = saver();
  await one.open([{ position: 1, sequence: 1_000_007, answer: text("sent") }]);
  one.put(1, text("newer"), 1);
  await one.flush();
  await one.flush();
  assert.deepEqual(got.map((sent) => [sent.position, sent.sequence]), [[2, 1_000_009], [1, 1_000_010]]);
});

test("an answer changed while its elder is under way is sent after it", async () => {
  let on = () => undefined;
  const { got, kept, saver } = world((batch) => on(batch));
  const one = saver();
  on = () => {
    on = () => undefined;
    one.put(1, text("newer"), 0);
  };
  one.put(1, text("elder"), 0);
  await one.flush();
  assert.deepEqual(got.map((sent) => sent.answer.text), ["elder", "newer"]);
  assert.equal(kept.size, 0);
});

test("a page opened again shows what is newer, and sends it under the sequence it was given", async () => {
  const { kept, got, saver } = world();
  for (const position of [1, 2, 3]) kept.set(position, { attempt: "t", position, answer: text("here"), sequence: 1_000_005, spentMs: 0 });
  const back = saver(3_000_001);
  const saved = [[1, 1_000_004], [2, 2_000_001], [4, 1_000_001]]; // another device went on with the second
  const answers = await back.open(saved.map(([position, sequence]) => ({ position, sequence, answer: text("there") })));
  assert.deepEqual([...answers].map(([position, { text }]) => [position, text]), [[1, "here"], [2, "there"], [4, "there"], [3, "here"]]);
  await back.flush();
  assert.deepEqual(got.map((sent) => [sent.position, sent.sequence]), [[1, 1_000_005], [3, 1_000_005]]);
  assert.equal(kept.size, 0);
});

test("what does not fit is told and goes no more; an older one gives way in silence", async () => {
  const said = { 1: "older", 2: "refused", 3: "saved" };
  const { told, kept, saver } = world((batch) => batch.map(({ position, sequence }) => ({ position, sequence, verdict: said[position], why: null })));
  const one = saver();
  for (const position of [1, 2, 3]) one.put(position, text("x"), 0);
  await one.flush();
  assert.deepEqual(told.refused, [2]);
  assert.deepEqual([one.unsent.length, kept.size], [0, 0]);
});

test("nothing more is sent once another device goes on; what waits stays kept", async () => {
  const { told, kept, saver } = world(() => new Problem(409, "taken-over", ""));
  const one = saver();
  one.put(1, text("a"), 0);
  await one.flush();
  one.put(2, text("b"), 0);
  await one.flush();
  assert.deepEqual(told.stopped, ["taken-over"]);
  assert.equal(kept.size, 1);
});
