/** A list of class hours, page after page: one's own, or a learner's before an administrator. */

import { get } from "./api.ts";
import { at, el, show } from "./dom.ts";
import { day, hours } from "./format.ts";
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
  return el("li", {},
    el("p", { class: "row" },
      el("strong", {}, signed(entry.seconds)),
      el("span", { class: "state", "data-state": kind === "counts" ? "complete" : "open" }, t(`hours.state.${kind}`))),
    el("p", {}, bilingual(entry.explanation)),
    left,
    el("p", { class: "quiet" }, facts(entry)),
    more(entry));
}

export class HoursList {
  private readonly path: string;
  private readonly more: (entry: HoursEntry) => HTMLElement | null;
  private cursor: string | null = null;

  constructor(path: string, more: (entry: HoursEntry) => HTMLElement | null = () => null) {
    this.path = path;
    this.more = more;
  }

  /** From the newest on, instead of what is shown. */
  async begin(): Promise<void> {
    this.cursor = null;
    at("entries").replaceChildren();
    await this.next();
  }

  async next(): Promise<void> {
    const page = await get<HoursPage>(`${this.path}?limit=20${this.cursor ? `&cursor=${this.cursor}` : ""}`);
    at("entries").append(...page.items.map((entry) => row(entry, this.more)));
    this.cursor = page.nextCursor;
    show(at("more"), page.nextCursor !== null);
    show(at("none"), !at("entries").childElementCount);
    const { countedSeconds: counted, waitingSeconds: waiting } = page.totals;
    const words = waiting ? "hours.totals-waiting" : "hours.totals";
    at("totals").textContent = t(words, { counted: hours(counted), waiting: hours(waiting) });
  }
}
