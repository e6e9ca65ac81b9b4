/**
 * Hands in what was done offline, whenever the network is there, and says what came of it. What may
 * yet count stays here; the server knows a second only once, so nothing is counted twice.
 */

import { Offline, Problem, call, get } from "./api.ts";
import { deviceId } from "./device.ts";
import { clock, hours } from "./format.ts";
import { union } from "./spans.ts";
import { minus, spansOf } from "./stretch.ts";
import { type Done, type Taken, allDone, cursor, dropDone, keepCursor, noteTold, revise } from "./taken-store.ts";
import type { Changes, OfflineReason, Span, SyncVerdicts } from "./types.ts";
import { t } from "./words.ts";

const MOST_WATCHED = 200; // the server's limits
const MOST_ANSWERED = 50;
const LATER = new Set(["capped", "challenge-due"]);

export interface HandedIn {
  /** What came of it, for people; empty where nothing did. */
  words: string;
  lost: boolean;
  /** As they stand now. */
  lessons: Taken[];
}

export interface Verdict {
  done: Done;
  verdict: string;
  credited: number;
  reason: OfflineReason | null;
}

/** null where the network is away. One at a time, over all tabs. */
export async function handIn(learner: string): Promise<HandedIn | null> {
  if (!navigator.onLine) return null;
  try {
    return await navigator.locks.request("guanbiao.sync", () => send(learner));
  } catch (error) {
    if (error instanceof Offline || error instanceof Problem) return null;
    throw error;
  }
}

async function send(learner: string): Promise<HandedIn> {
  const verdicts: Verdict[] = [];
  const kept = await allDone(learner);
  const answers = kept.filter((one) => one.kind === "answered");
  const spans = kept.filter((one) => one.kind === "watched");
  while (answers.length || spans.length)
    verdicts.push(...(await batch(answers.splice(0, MOST_ANSWERED), answers.length ? [] : spans.splice(0, MOST_WATCHED))));
  const fresh = verdicts.filter((one) => one.credited > 0 || one.done.told !== mark(one));
  await noteTold(fresh.filter((one) => !isFinal(one)).map((one) => ({ ...one.done, told: mark(one) })));
  const lessons = await refreshed(learner);
  return { ...words(fresh), lessons };
}

/** Answers go first, since what was watched waits for them. */
async function batch(answers: Done[], spans: Done[]): Promise<Verdict[]> {
  const body = {
    deviceId: deviceId(),
    answered: answers.map((one) => one.event),
    watched: spans.map((one) => one.event),
  };
  const said = await call<SyncVerdicts>("POST", "/v1/sync", body);
  const judged = said.watched.map(({ verdict, creditedSeconds, reason }, i) => ({
    done: spans[i]!,
    verdict,
    credited: creditedSeconds,
    reason: reason ?? null,
  }));
  await dropDone([...answers, ...judged.filter(isFinal).map((one) => one.done)]);
  return judged;
}

const isFinal = (one: Verdict): boolean => !LATER.has(one.verdict) && one.reason !== "seek-ahead";

const mark = (one: Verdict): string => `${one.verdict} ${one.reason ?? ""}`;

/** What counts is what the server says; what waits here is what has not been handed in for good. */
async function refreshed(learner: string): Promise<Taken[]> {
  const since = await cursor(learner);
  const changes = await get<Changes>(`/v1/sync${since ? `?since=${encodeURIComponent(since)}` : ""}`);
  const lessons = await revise(learner, (lesson, done) => after(lesson, changes, done));
  await keepCursor(learner, changes.cursor);
  return lessons;
}

export function after(lesson: Taken, changes: Changes, done: Done[]): Taken {
  const enrolment = changes.leases?.find((one) => one.id === lesson.lease.id)?.enrolmentId ?? lesson.enrolment;
  const seen = changes.lessons?.find((one) => one.enrolmentId === enrolment && one.lectureId === lesson.lecture);
  const watched = seen ? union([...spansOf(seen.watched), ...spansOf(seen.pending)]) : lesson.watched;
  const mine = done.flatMap((one) => (one.kind === "watched" && one.key === lesson.key ? [one.event] : []));
  const spans = (decided: boolean): Span[] =>
    mine.filter((one) => (one.check !== lesson.standing.check) === decided).map((one) => [one.fromSecond, one.toSecond]);
  const known = union([...watched.map(([from, to]): Span => [from, to]), ...spans(true)]);
  const standing = { ...lesson.standing, known, waiting: minus(union(spans(false)), known) };
  return { ...lesson, enrolment, watched, standing };
}

export function words(verdicts: Verdict[]): { words: string; lost: boolean } {
  const credited = verdicts.reduce((sum, one) => sum + one.credited, 0);
  const lost = verdicts.filter((one) => one.verdict === "refused" || one.verdict === "stale" || one.verdict === "capped");
  const lines = credited ? [t("along.credited", { amount: hours(credited) })] : [];
  for (const reason of new Set(lost.map((one) => one.reason).filter((one) => one !== null)))
    lines.push(t("along.lost", { where: where(lost.filter((one) => one.reason === reason)), why: t(`reason.${reason}`) }));
  if (verdicts.some((one) => one.verdict === "challenge-due" && !one.reason)) lines.push(t("along.unanswered"));
  return { words: lines.join(" "), lost: lost.length > 0 };
}

function where(lost: Verdict[]): string {
  const spans = lost.flatMap((one): Span[] => (one.done.kind === "watched" ? [[one.done.event.fromSecond, one.done.event.toSecond]] : []));
  return union(spans)
    .map(([from, to]) => `${clock(from)}–${clock(to)}`)
    .join(t("along.and"));
}
