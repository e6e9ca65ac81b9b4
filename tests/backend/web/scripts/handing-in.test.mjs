// What came of watching offline, in words, and what waits on: the rules of `handing-in.ts`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { after, words } from "../../../../backend/web/frontend/src/handing-in.ts";

const span = (fromSecond, toSecond, check = 1) => ({ kind: "watched", key: "k", event: { fromSecond, toSecond, check } });
const verdict = (done, verdict, credited = 0, reason = null) => ({ done, verdict, credited, reason });

test("what counts is one sum, what is lost is named by its place and why", () => {
  const said = words([
    verdict(span(0, 60), "credited", 60),
    verdict(span(60, 70), "refused", 0, "check-missed"),
    verdict(span(70, 80), "refused", 0, "check-missed"),
    verdict(span(90, 95), "capped", 3, "daily-cap"),
  ]);
  assert.match(said.words, /1 分 3 秒/);
  assert.match(said.words, /1:00–1:20：这一段离线观看的在线确认未通过/);
  assert.match(said.words, /1:30–1:35：今天已学满/);
  assert.equal(said.lost, true);
});

test("what only waits is said, and nothing is lost by it", () => {
  const said = words([verdict(span(0, 5), "challenge-due")]);
  assert.deepEqual([said.lost, /等待在线确认/.test(said.words)], [false, true]);
  assert.deepEqual(words([verdict(span(0, 5), "duplicate")]), { words: "", lost: false });
});

test("what counts is the server's word, what waits is what was not handed in for good", () => {
  const standing = { check: 2, waiting: [[0, 30]], known: [], position: 30 };
  const lesson = { key: "k", enrolment: "e", lecture: "l", lease: { id: "x" }, watched: [], standing };
  const changes = {
    leases: [{ id: "x", enrolmentId: "newer" }],
    lessons: [{ enrolmentId: "newer", lectureId: "l", watched: btoa("\xff"), pending: btoa("\x00\x01") }],
  };
  const now = after(lesson, changes, [span(9, 12, 1), span(7, 20, 2)]);
  assert.equal(now.enrolment, "newer", "the lease went along to a newer edition");
  assert.deepEqual(now.standing.known, [[0, 12]]);
  assert.deepEqual(now.standing.waiting, [[12, 20]]);
});
