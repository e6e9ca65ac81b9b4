/** A list of class hours, page after page: one's own, or a learner's before an administrator. */

import { at, el, show } from "./dom.ts";
import { day, hours } from "./format.ts";
import { Paged } from "./paged.ts";
import type { HoursEntry, HoursPage } from "./types.ts";
import { bilingual, t } from "./words.ts";

const dayOf = (date: string): string => day(`${date}T12:00:00+08:00`);

const signed = (seconds: number): string => `${seconds < 0 ? "−" : "+"}${hours(Math.abs(seconds))}`;

function facts(entry: HoursEntry): string {
  const since = t(entry.counts ? "hours.counts-since" : "hours.counts-from", { day: dayOf(entry.countsOn) });
  const programme = entry.programme && t("hours.of", { programme: entry.programme, edition: entry.edition ?? "" });
  return [since, t(`hours.source.${entry.source}`), programme].filter(Boolean).join(" · ");
}

function kindOf(entry: HoursEntry): "correction" | "taken" | "counts" | "waits" {
  if (entry.kind === "correction") return "correction";
  if (entry.leftSeconds === 0) return "taken";
  return entry.counts ? "counts" : "waits";
}

/** `more`: what else may be done with the entry. */
function row(entry: HoursEntry, more: (entry: HoursEntry) => HTMLElement | null): HTMLElement {
  const kind = kindOf(entry);
  const left = entry.leftSeconds !== null && entry.leftSeconds !== entry.seconds
    ? el("p", { class: "quiet" }, t("hours.left", { hours: hours(entry.leftSeconds) }))
    : null;
  return el("li", { "data-keep": entry.id },
    el("p", { class: "row" },
      el("strong", {}, signed(entry.seconds)),
      el("span", { class: "state", "data-state": kind === "counts" ? "complete" : "open" }, t(`hours.state.${kind}`))),
    el("p", {}, bilingual(entry.explanation)),
    left,
    el("p", { class: "quiet" }, facts(entry)),
    more(entry));
}

export function hoursList(path: string, more: (entry: HoursEntry) => HTMLElement | null = () => null): Paged<HoursEntry, HoursPage> {
  return new Paged<HoursEntry, HoursPage>(`${path}?limit=20`, "entries", (entry) => row(entry, more), ({ totals }) => {
    show(at("none"), !at("entries").childElementCount);
    const { countedSeconds: counted, waitingSeconds: waiting } = totals;
    const words = waiting ? "hours.totals-waiting" : "hours.totals";
    at("totals").textContent = t(words, { counted: hours(counted), waiting: hours(waiting) });
  });
}
