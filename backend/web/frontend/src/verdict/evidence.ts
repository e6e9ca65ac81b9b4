/** Evidence and refusals in Chinese: the twin of `backend/records/verdict/evidence.py`. */

import templates from "../../../../records/verdict/evidence.json" with { type: "json" };
import { seconds } from "./moment.ts";

const PLACE = /\{(\w+)\}/g;
const MOMENT = /( at )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)/g;
const EIGHT_HOURS = 8 * 3600;

interface Known {
  pattern: RegExp;
  places: string[];
  chinese: string;
}

let known: Known[] | null = null;

/** Those with more words of their own first. */
function compiled(): Known[] {
  const words = (template: string): number => [...template.replace(PLACE, "")].length;
  return Object.entries(templates)
    .sort(([one], [other]) => words(other) - words(one))
    .map(([template, chinese]) => ({
      pattern: new RegExp(`^${template.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(PLACE, "(.+)")}$`, "su"),
      places: [...template.matchAll(PLACE)].map(([, name]) => name ?? ""),
      chinese,
    }));
}

/** The text itself where it is of no template: a key's address, an algorithm. */
export function inChinese(text: string): string {
  known ??= compiled();
  for (const { pattern, places, chinese } of known) {
    const found = pattern.exec(text);
    if (!found) continue;
    const values = new Map(places.map((name, n) => [name, read(name, found[n + 1] ?? "")]));
    return chinese.replace(PLACE, (_, name: string) => values.get(name) ?? "");
  }
  return text;
}

const read = (name: string, value: string): string =>
  name === "why" ? inChinese(value) : value.replace(MOMENT, byTheClockInChina);

function byTheClockInChina(whole: string, at: string | undefined, written: string): string {
  try {
    const here = new Date((seconds(written) + EIGHT_HOURS) * 1000);
    const shown = here.toISOString().slice(0, 19).replace("T", " ");
    return at ? `（${shown}）` : `北京时间 ${shown}`;
  } catch {
    return whole;
  }
}
