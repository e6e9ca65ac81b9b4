/** Editions as the API tells of them, and how lessons differ from one to the next. */

import { at, el, show } from "./dom.ts";
import { day } from "./format.ts";
import type { Title } from "./types.ts";
import { bilingual, t } from "./words.ts";

export type DraftState = "handed-in" | "proposed" | "refused" | "published" | "code-taken";
export type ReleaseState = "proposed" | "released" | "refused";

export interface Draft {
  id: string;
  code: string;
  sha256: string;
  handedInAt: string;
  state: DraftState;
}

export interface Difference {
  code: string;
  before: string | null;
  title: Title;
  change: "same" | "changed" | "new" | "gone" | "moved";
  parts: ("text" | "questions" | "standard" | "rule")[];
}

export interface Differences {
  notOpen: { programme: string; why: Title }[];
  same: number;
  lessons: Difference[];
}

export interface Release {
  id: string;
  edition: string;
  sha256: string;
  insteadOf: string;
  finishUntil: string;
  editorial: string[];
  state: ReleaseState;
  proposedBy: string;
  proposedAt: string;
  decidedAt: string | null;
  reason: string | null;
}

/** A calendar day in China, as people read it. */
export const calendarDay = (date: string): string => day(`${date}T12:00:00+08:00`);

/** How a state looks: `state` of the style sheet's colours. */
const TONES: Record<DraftState | ReleaseState, string> = {
  ...{ "handed-in": "open", proposed: "open", published: "complete", released: "complete" },
  ...{ refused: "revoked", "code-taken": "revoked" },
};

export function dress(chip: HTMLElement, state: DraftState | ReleaseState): HTMLElement {
  chip.dataset["state"] = TONES[state];
  chip.textContent = t(`editions.state.${state}`);
  return chip;
}

export const parts = (one: Difference): string =>
  one.parts.map((part) => t(`editions.part.${part}`)).join(t("editions.comma"));

function row(one: Difference): HTMLElement {
  // Named by its author as a correction of the wording: it differs, and counts as the same.
  const change = one.change === "same" ? "editorial" : one.change;
  const more = one.change === "moved" ? t("editions.was", { code: one.before ?? "" }) : one.parts.length ? t("editions.parts", { parts: parts(one) }) : "";
  return el(
    "li",
    {},
    el("span", { class: "code" }, one.code),
    el("span", {}, bilingual(one.title)),
    el("span", { class: "state" }, t(`editions.change.${change}`)),
    more ? el("span", { class: "quiet" }, more) : null,
  );
}

export function differences(found: Differences): void {
  at("same").textContent = t("editions.same", { n: found.same, of: found.same + found.lessons.length });
  at("lessons").replaceChildren(...found.lessons.map(row));
  const closed = found.notOpen.map((one) => el("li", {}, el("span", { class: "code" }, one.programme), el("span", {}, bilingual(one.why))));
  at("closed").replaceChildren(...closed);
  show(at("closed-part"), closed.length > 0);
}
