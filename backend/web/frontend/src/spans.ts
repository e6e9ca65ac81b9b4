/** Which whole seconds of a lecture were really played, from the player's reports. Pure. */

import type { Span } from "./types.ts";

const LATE = 0.3; // a second whose first 0.3 s were missed still counts: players report 4 times a second
const SLACK = 0.75; // seconds a report may run ahead of the clock

export class Recorder {
  private played: Span[] = [];
  private from: number | null = null;
  private last = 0;
  private lastAt = 0;
  private readonly duration: number;
  private readonly rate: number;

  /** `duration` in whole seconds; `rate`: the fastest allowed speed, 1 is the lecture's own. */
  constructor(duration: number, rate: number) {
    this.duration = duration;
    this.rate = rate;
  }

  /** The player is at `position` (seconds) at time `at` (milliseconds); it runs or stands. */
  playing(position: number, at: number): void {
    const possible = ((at - this.lastAt) / 1000) * this.rate + SLACK;
    const step = position - this.last;
    if (this.from !== null && (step < 0 || step > possible)) this.stop();
    this.from ??= position;
    this.last = position;
    this.lastAt = at;
  }

  /** A seek: what comes next does not continue what was. After a pause or a stall it does. */
  stop(): void {
    this.cut();
    this.from = null;
  }

  /** The last frame was shown: the last second is whole although no report says so. */
  ended(): void {
    if (this.from !== null && this.duration - this.last < 1) this.last = this.duration;
    this.stop();
  }

  /** Spans since the last call, half-open and in whole seconds; a begun second stays for later. */
  take(): Span[] {
    this.cut();
    const taken = this.played;
    this.played = [];
    return taken;
  }

  private cut(): void {
    if (this.from === null) return;
    const first = Math.max(0, Math.ceil(this.from - LATE));
    const end = Math.min(this.duration, Math.floor(this.last + 0.05));
    if (end <= first) return;
    this.played.push([first, end]);
    this.from = end;
  }
}

/** Sorted and joined. */
export function union(spans: Span[]): Span[] {
  const joined: Span[] = [];
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    const before = joined.at(-1);
    if (before && from <= before[1]) before[1] = Math.max(before[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

/** The first second not yet watched, or null when all are. */
export function firstGap(watched: Span[], duration: number): number | null {
  const first = union(watched)[0];
  const gap = first && first[0] === 0 ? first[1] : 0;
  return gap < duration ? gap : null;
}
