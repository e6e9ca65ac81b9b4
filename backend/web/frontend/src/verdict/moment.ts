/** Whole seconds of UTC, written in one way: 2026-03-02T01:00:00Z. */

import { Refused } from "./refusal.ts";

const FORM = /^(19[7-9]\d|[23]\d{3})-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const END = 2n ** 36n;

export const written = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

/** Seconds since 1970. */
export function seconds(text: string): number {
  const found = FORM.test(text) ? Date.parse(text) / 1000 : NaN;
  if (Number.isNaN(found) || written(found) !== text)
    throw new Refused("time not in whole seconds of UTC");
  return found;
}

/** The same, of a number that may be any. */
export function moment(since1970: bigint): number {
  if (since1970 < 0n || since1970 >= END) throw new Refused("time out of range");
  return Number(since1970);
}
