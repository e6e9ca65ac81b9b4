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

/** What became of it; nothing of what is in force. */
export function stateOf(record: MyRecord): HTMLElement | null {
  const state = record.expired ? "expired" : record.state;
  return state === "issued" ? null : el("span", { class: "state", "data-state": state }, t(`record.state.${state}`));
}

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

/** Why its programme is to be begun anew, and what that means for what was earned. */
export function whyAnew(mine: Enrolment, record: MyRecord | undefined): string {
  const year = mine.period ?? "";
  if (record?.state === "revoked") return t(`learn.why-anew-${mine.anew === "year" ? "year-" : ""}revoked`, { year });
  if (record) return t("learn.why-anew-year", { year });
  return mine.exam.whyNot ? bilingual(mine.exam.whyNot) : t("learn.why-anew-year-open", { year });
}

/** In `words` why, and one tap to enrol. */
export function beginAnew(programme: string, why: Anew, words: string, then: () => Promise<unknown>): HTMLElement {
  const note = el("p", { role: "status", hidden: "" });
  const button = el("button", { type: "button" }, t(`learn.anew-${why}`));
  button.addEventListener("click", () => {
    void during(button, note, async () => {
      await post("/v1/enrolments", { programme });
      await then();
    });
  });
  return el("div", {}, el("p", { class: "note" }, words), el("p", {}, button), note);
}
