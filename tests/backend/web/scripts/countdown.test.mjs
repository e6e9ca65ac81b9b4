// The time of an exam is the server's, and a screen reader hears of it twice.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Countdown } from "../../../../backend/web/frontend/src/sitting/countdown.ts";

const NOW = Date.UTC(2026, 2, 2, 1);
const iso = (ms) => new Date(NOW + ms).toISOString();

test("it counts by the server's clock, is spoken at ten minutes and at one, and ends once", () => {
  mock.timers.enable({ apis: ["Date", "setInterval"], now: NOW });
  const place = { textContent: "", dataset: {} };
  const heard = [];
  const spoken = { set textContent(words) { heard.push(words); } };
  let ends = 0;
  const countdown = new Countdown(place, spoken, () => ends++);
  const slow = 3_600_000; // this device is an hour behind
  countdown.sync(iso(slow), iso(slow + 20 * 60_000));
  assert.equal(place.textContent, "20:00");
  mock.timers.tick(9 * 60_000);
  assert.deepEqual(heard, []);
  mock.timers.tick(2 * 60_000);
  countdown.sync(iso(slow + 11 * 60_000 - 5000), iso(slow + 20 * 60_000)); // it ran five seconds fast
  mock.timers.tick(1000);
  assert.equal(place.textContent, "9:04");
  mock.timers.tick(9 * 60_000 + 10_000);
  assert.deepEqual(heard.map((words) => words.match(/\d+/)[0]), ["10", "1"]);
  assert.deepEqual([ends, place.dataset.tone], [1, "bad"]);
  mock.timers.reset();
});
