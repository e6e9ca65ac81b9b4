// Heartbeats survive a bad line: the rules of `outbox.ts`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Offline, Problem } from "../../../../backend/web/frontend/src/api.ts";
import { Outbox, uuid7 } from "../../../../backend/web/frontend/src/outbox.ts";

function bench(send) {
  const kept = new Map();
  const seen = { answered: 0, waiting: [], refused: [], sent: [] };
  const store = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  const listener = {
    answered: () => seen.answered++,
    waiting: (count, problem) => seen.waiting.push([count, problem]),
    refused: (events, problem) => seen.refused.push([events.length, problem.status]),
  };
  const sender = async (events) => {
    seen.sent.push(events.length);
    await send(events);
    return { verdicts: [], lessons: [] };
  };
  return { outbox: new Outbox(store, "someone", sender, listener), seen, kept };
}

const beats = (n) => Array.from({ length: n }, (_, i) => ({ id: uuid7(), playSessionId: "p", fromSecond: i, toSecond: i + 1 }));

test("what the server has answered is gone", async () => {
  const { outbox, seen } = bench(() => {});
  outbox.add(beats(3));
  await outbox.flush();
  assert.deepEqual([outbox.events.length, seen.answered], [0, 1]);
});

test("without a network everything stays, and goes when it is back", async () => {
  let away = true;
  const { outbox, seen } = bench(() => {
    if (away) throw new Offline();
  });
  outbox.add(beats(2));
  await outbox.flush();
  assert.equal(outbox.events.length, 2);
  assert.equal(seen.waiting.at(-1)[0], 2);
  away = false;
  await outbox.flush();
  assert.equal(outbox.events.length, 0);
});

test("a server in trouble keeps its learners' seconds waiting", async () => {
  const { outbox } = bench(() => {
    throw new Problem(503, "unavailable", "busy");
  });
  outbox.add(beats(1));
  await outbox.flush();
  assert.equal(outbox.events.length, 1);
});

test("a long time away is sent in the server's portions", async () => {
  const { outbox, seen } = bench(() => {});
  outbox.add(beats(250));
  await outbox.flush();
  assert.deepEqual(seen.sent, [100, 100, 50]);
});

test("what can never be taken is told, not repeated for ever", async () => {
  const { outbox, seen } = bench(() => {
    throw new Problem(422, "invalid", "no");
  });
  outbox.add(beats(1));
  await outbox.flush();
  assert.deepEqual([outbox.events.length, seen.refused], [0, [[1, 422]]]);
});

test("seconds added while a batch is under way are not lost", async () => {
  let outbox;
  const made = bench((events) => {
    if (events.length === 1) outbox.add(beats(2));
  });
  outbox = made.outbox;
  outbox.add(beats(1));
  await outbox.flush();
  assert.deepEqual([outbox.events.length, made.seen.sent], [0, [1, 2]]);
});

test("ids are UUIDs of version 7 and sort by time", () => {
  const [early, late] = [uuid7(1_700_000_000_000), uuid7(1_700_000_000_001)];
  assert.match(early, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(early < late);
});

test("what waits for a presence check stays, and is not sent again by itself", async () => {
  let verdict = "challenge-due";
  const sent = [];
  const store = new Map();
  const send = async (events) => {
    sent.push(events.length);
    return { verdicts: events.map(({ id }) => ({ id, verdict })), lessons: [], presenceCheck: null };
  };
  const listener = { answered: () => {}, waiting: () => {}, refused: () => {} };
  const kept = { getItem: (key) => store.get(key) ?? null, setItem: (key, value) => store.set(key, value) };
  const outbox = new Outbox(kept, "someone", send, listener);
  outbox.add(beats(2));
  await outbox.flush();
  assert.deepEqual([outbox.events.length, sent], [2, [2]]);
  verdict = "credited";
  await outbox.flush();
  assert.deepEqual([outbox.events.length, sent], [0, [2, 2]]);
});
