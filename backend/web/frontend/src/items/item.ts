/** An item of any kind as a learner answers it: its words, and the field that fits its kind. */

import { el } from "../dom.ts";
import { t } from "../words.ts";
import { choice } from "./choice.ts";
import { cloze } from "./cloze.ts";
import type { Field, Place } from "./field.ts";
import { matching } from "./matching.ts";
import { ordering } from "./ordering.ts";
import { said } from "./rich-text.ts";
import type { Answer, Filled, Numbered, Ordered, Paired, PartAnswer, Parts, Picked, ShownCase, ShownItem, ShownPart, Written } from "./types.ts";
import { essay, numeric, shortText } from "./written.ts";

export const kindAndPoints = (item: ShownItem): string => `${t(`question.${item.kind}`)} · ${t("exam.points", { n: item.points })}`;

/** `labelledBy`: the heading that says which item it is. */
export function drawItem(item: ShownItem, given: Answer | undefined, place: Place): Field {
  return item.kind === "case" ? drawCase(item, given as Parts | undefined, place) : drawPart(item, given as PartAnswer | undefined, place);
}

function drawPart(item: ShownPart, given: PartAnswer | undefined, place: Place): Field<PartAnswer> {
  if (item.kind === "cloze") return cloze(item, given as Filled | undefined, place); // its stem holds the fields
  const stem = said(item.stem);
  stem.id = `${place.name}-stem`;
  const field = fieldOf(item, given, { ...place, labelledBy: `${place.labelledBy} ${stem.id}` });
  return { element: el("div", { class: "part" }, stem, field.element), answer: () => field.answer() };
}

function fieldOf(item: Exclude<ShownPart, { kind: "cloze" }>, given: PartAnswer | undefined, place: Place): Field<PartAnswer> {
  switch (item.kind) {
    case "single":
    case "multiple":
    case "true-false":
      return choice(item, given as Picked | undefined, place);
    case "ordering":
      return ordering(item, given as Ordered | undefined, place);
    case "matching":
      return matching(item, given as Paired | undefined, place);
    case "numeric":
      return numeric(item.units, given as Numbered | undefined, place);
    case "short-text":
      return shortText(given as Written | undefined, place);
    case "essay":
      return essay(item, given as Written | undefined, place);
  }
}

/** What the case tells stays in sight beside its questions, and can be folded away. */
function drawCase(item: ShownCase, given: Parts | undefined, place: Place): Field<Parts> {
  const told = el("div", { class: "told", role: "region", tabindex: "0", "aria-label": t("item.case") }, said(item.stem));
  const stem = el("details", { class: "case-stem", open: "" }, el("summary", {}, t("item.case")), told);
  const fields = item.parts.map((part, at) => {
    const name = `${place.name}-${part.id}`;
    const kind = el("span", { class: "kind" }, kindAndPoints(part));
    const heading = el("h3", { id: `${name}-title` }, t("item.part", { n: at + 1 }), " ", kind);
    const field = drawPart(part, given?.parts[part.id], { name, labelledBy: heading.id });
    return { id: part.id, element: el("section", { "aria-labelledby": heading.id, "data-part": part.id }, heading, field.element), field };
  });
  return {
    element: el("div", { class: "case" }, stem, el("div", { class: "case-parts" }, ...fields.map((one) => one.element))),
    answer: () => ({ kind: "parts", parts: Object.fromEntries(fields.map((one) => [one.id, one.field.answer()])) }),
  };
}
