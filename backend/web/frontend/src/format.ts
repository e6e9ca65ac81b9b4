/** Seconds, dates and sizes as people read them. */

import { language, t } from "./words.ts";

const LOCALE = language === "en" ? "en-GB" : "zh-CN";

/** `125` is `2:05`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${parts.join(":")}` : parts.join(":").replace(/^0/, "");
}

/** Below one class hour in minutes and seconds, from there in class hours of 45 minutes. */
export function hours(seconds: number): string {
  if (seconds >= 2700) return t("format.hours", { n: Math.floor((seconds / 2700) * 100) / 100 });
  const minutes = Math.floor(seconds / 60);
  if (!minutes) return t("format.seconds", { n: seconds });
  return seconds % 60
    ? t("format.minutes-seconds", { m: minutes, s: seconds % 60 })
    : t("format.minutes", { m: minutes });
}

/** A length of waiting, coarse. */
export function wait(seconds: number): string {
  if (seconds < 60) return t("format.seconds", { n: Math.ceil(seconds) });
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return t("format.minutes", { m: minutes });
  return t("format.hours-minutes", { h: Math.floor(minutes / 60), m: minutes % 60 });
}

/** Bytes in the units that phones show. */
export function amount(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toFixed(value < 10 && power ? 1 : 0)} ${units[power]}`;
}

/** Day and minute, in China's time. */
export function instant(moment: string): string {
  const options = { timeZone: "Asia/Shanghai", dateStyle: "medium", timeStyle: "short" } as const;
  return new Date(moment).toLocaleString(LOCALE, options);
}

export function day(instant: string): string {
  return new Date(instant).toLocaleDateString(LOCALE, {
    timeZone: "Asia/Shanghai",
    year: "numeric",
    month: "long",
    day: "numeric",
  });
}
