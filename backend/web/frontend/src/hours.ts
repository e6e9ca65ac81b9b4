/** My class hours: what continuing education still asks for, and every entry with where it came from. */

import { get } from "./api.ts";
import { at, el, mustBeSignedIn, show, start } from "./dom.ts";
import { day, hours } from "./format.ts";
import { hoursList } from "./hours-list.ts";
import { header } from "./session.ts";
import type { YearWindow } from "./types.ts";
import { bilingual, t } from "./words.ts";

const dayOf = (date: string): string => day(`${date}T12:00:00+08:00`);

function year(one: YearWindow): HTMLElement {
  const has = one.earnedSeconds + one.carriedSeconds;
  const bar = el("progress", { max: String(one.requiredSeconds), value: String(Math.min(has, one.requiredSeconds)) });
  bar.setAttribute("aria-label", bilingual(one.title));
  const lines = [
    t("hours.year-earned", { earned: hours(one.earnedSeconds), required: hours(one.requiredSeconds) }),
    one.carriedSeconds ? t("hours.year-carried", { hours: hours(one.carriedSeconds) }) : "",
    bilingual(one.explanation),
  ];
  const notes = [one.obliged ? "" : t("hours.year-not-mine"), one.confirmed ? "" : t("hours.year-unconfirmed")];
  return el("article", { class: "card" },
    el("h3", {}, bilingual(one.title)),
    el("p", { class: "quiet" }, t("hours.year-window", { standard: one.standard, since: dayOf(one.since), until: dayOf(one.until) })),
    bar,
    ...lines.filter(Boolean).map((line) => el("p", {}, line)),
    ...notes.filter(Boolean).map((line) => el("p", { class: "quiet" }, line)));
}

async function years(): Promise<void> {
  const { items } = await get<{ items: YearWindow[] }>("/v1/hours/years");
  const shown = items.filter((one) => one.obliged || one.earnedSeconds + one.carriedSeconds > 0);
  at("years").replaceChildren(...shown.map(year));
  show(at("years-part"), shown.length > 0);
}

start(async () => {
  await mustBeSignedIn();
  const [person] = await Promise.all([header(), hoursList("/v1/hours").draw(), years()]);
  show(at("desk-link"), Boolean(person?.roles.includes("administrator")));
  show(at("loading"), false);
  show(at("content"));
});
