/**
 * Where a learner stands in a lecture that was taken along: which seconds wait for which presence
 * check. Pure; every change is written to the device before the lecture goes on.
 */

import { union } from "./spans.ts";
import type { Span, TakenCheck } from "./types.ts";

const MARGIN = 2; // seconds a check comes early: the player reports a little late, and what is over is lost

export interface Standing {
  /** The check that decides on `waiting`; null when all that were taken along are used. */
  check: number | null;
  /** Seconds that wait for it. */
  waiting: Span[];
  /** Seconds that count by the server's word, or wait for it with an answered check. */
  known: Span[];
  /** Where to go on: a second that was begun is not noted, so it is played again. */
  position: number;
}

export const seconds = (spans: Span[]): number => union(copy(spans)).reduce((sum, [from, to]) => sum + to - from, 0);

const copy = (spans: Span[]): Span[] => spans.map(([from, to]) => [from, to]);

/** What of `spans` is not in `without`. */
export function minus(spans: Span[], without: Span[]): Span[] {
  let left = union(copy(spans));
  for (const [from, to] of union(copy(without)))
    left = left.flatMap(([a, b]): Span[] => [[a, Math.min(b, from)], [Math.max(a, to), b]]).filter(([a, b]) => a < b);
  return left;
}

/** How far a seek may go. */
export const furthest = (standing: Standing): number =>
  Math.max(0, ...[...standing.waiting, ...standing.known].map(([, to]) => to));

export function played(standing: Standing, spans: Span[]): Standing {
  const waiting = minus(union([...copy(standing.waiting), ...copy(spans)]), standing.known);
  return { ...standing, waiting, position: spans.at(-1)?.[1] ?? standing.position };
}

/** Whether the check is to be asked now: after so much watching, or where the lecture ends. */
export function isDue(standing: Standing, checks: TakenCheck[], ended: boolean): boolean {
  const check = checks.find((one) => one.number === standing.check);
  const waiting = seconds(standing.waiting);
  return check !== undefined && waiting > 0 && (ended || waiting >= check.afterSeconds - MARGIN);
}

/** The next stretch begins; whether the answer was right, only the server knows. */
export function answered(standing: Standing, checks: TakenCheck[]): Standing {
  const later = checks.filter((one) => standing.check !== null && one.number > standing.check);
  const known = union([...copy(standing.known), ...copy(standing.waiting)]);
  return { ...standing, check: later[0]?.number ?? null, known, waiting: [] };
}

/** Seconds of a bitmap in base64: second n is bit n % 8 of byte n // 8, lowest first. */
export function spansOf(bitmap: string): Span[] {
  const bytes = Uint8Array.from(atob(bitmap), (one) => one.charCodeAt(0));
  const spans: Span[] = [];
  for (let second = 0; second < bytes.length * 8; second++)
    if ((bytes[second >> 3]! >> (second & 7)) & 1) spans.push([second, second + 1]);
  return union(spans);
}
