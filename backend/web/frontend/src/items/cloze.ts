/** Gaps inside of lines of words, filled where they stand. */

import { el } from "../dom.ts";
import { t } from "../words.ts";
import type { Field, Place } from "./field.ts";
import { said } from "./rich-text.ts";
import type { Filled, GapAnswer, Numbered, Picked, ShownCloze, ShownGap, Written } from "./types.ts";
import { numeric, picked, shortText } from "./written.ts";

export function cloze(asked: ShownCloze, given: Filled | undefined, place: Place): Field<Filled> {
  const fields = new Map(asked.gaps.map((gap, at) => [gap.id, field(gap, given?.gaps[gap.id], place, t("item.gap", { n: at + 1 }))]));
  const inside = (id: string): Node => el("span", { class: "gap" }, fields.get(id)?.element ?? null);
  return {
    element: el("div", { class: "cloze", role: "group", "aria-labelledby": place.labelledBy }, said(asked.stem, inside)),
    answer: () => ({ kind: "gaps", gaps: Object.fromEntries([...fields].map(([id, one]) => [id, one.answer()])) }),
  };
}

function field(gap: ShownGap, given: GapAnswer | undefined, place: Place, label: string): Field<GapAnswer> {
  if (gap.kind === "single") return picked(gap.options, given as Picked | undefined, label);
  if (gap.kind === "short-text") return shortText(given as Written | undefined, place, label);
  return numeric(gap.units, given as Numbered | undefined, { ...place, name: `${place.name}-${gap.id}` }, label);
}
