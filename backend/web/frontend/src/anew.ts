/** A programme that is begun anew: each year of a yearly one, and any after its record was revoked. */

import { post } from "./api.ts";
import { during, el } from "./dom.ts";
import type { Anew, Enrolment, MyRecord, Title } from "./types.ts";
import { bilingual, t } from "./words.ts";

/** With the year that it is for. */
export const titleOf = (title: Title, period: string | null): string =>
  period ? t("learn.of-year", { title: bilingual(title), year: period }) : bilingual(title);

export const recordOf = (mine: Enrolment, records: MyRecord[]): MyRecord | undefined =>
  records.find((one) => one.programme === mine.programme && one.period === mine.period && one.round === mine.round);

/** The newest of each programme; and a year whose hours were met in it, until its exam is passed. */
export function worthShowing(enrolments: Enrolment[], records: MyRecord[]): Enrolment[] {
  const newest = new Set<string>();
  return enrolments.filter((one) => {
    if (one.editionNote?.kind === "left") return false;
    const first = !newest.has(one.programme);
    newest.add(one.programme);
    return first || (one.period !== null && one.exam.open && !recordOf(one, records));
  });
}

/** Why, and one tap to enrol. */
export function beginAnew(programme: string, why: Anew, then: () => Promise<unknown>): HTMLElement {
  const note = el("p", { role: "status", hidden: "" });
  const button = el("button", { type: "button" }, t(`learn.anew-${why}`));
  button.addEventListener("click", () => {
    void during(button, note, async () => {
      await post("/v1/enrolments", { programme });
      await then();
    });
  });
  return el("div", {}, el("p", { class: "note" }, t(`learn.why-anew-${why}`)), button, note);
}
