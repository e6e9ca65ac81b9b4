/** From when to when, at the place of the class. */

import { language } from "./words.ts";

const LOCALE = language === "en" ? "en-GB" : "zh-CN";
const ZONE = { timeZone: "Asia/Shanghai" } as const;

const day = (instant: string): string =>
  new Date(instant).toLocaleDateString(LOCALE, { ...ZONE, month: "long", day: "numeric", weekday: "short" });

export const clockTime = (instant: string): string =>
  new Date(instant).toLocaleTimeString(LOCALE, { ...ZONE, hour: "2-digit", minute: "2-digit", hour12: false });

export function when(from: string, to: string): string {
  const last = day(from) === day(to) ? "" : `${day(to)} `;
  return `${day(from)} ${clockTime(from)}–${last}${clockTime(to)}`;
}
