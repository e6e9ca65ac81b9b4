/** Each left element with one of the right ones, chosen from a list as phones show lists. */

import { el } from "../dom.ts";
import { t } from "../words.ts";
import type { Field, Place } from "./field.ts";
import { label, plain } from "./rich-text.ts";
import type { Paired, ShownMatching, ShownOption } from "./types.ts";

const letter = (at: number): string => String.fromCharCode(65 + at);

export function matching(asked: ShownMatching, given: Paired | undefined, place: Place): Field<Paired> {
  const selects = asked.left.map((one) => {
    const choices = asked.right.map((right, at) => el("option", { value: right.id, lang: "zh-CN" }, `${letter(at)}. ${plain(right.text)}`));
    const select = el("select", { id: `${place.name}-${one.id}` }, el("option", { value: "" }, t("item.choose")), ...choices);
    select.value = given?.pairs[one.id] ?? "";
    return select;
  });
  const rows = asked.left.map((one, at) => el("div", { class: "pair" }, el("label", { for: selects[at]!.id }, label(one.text)), selects[at]!));
  return {
    element: el("div", { role: "group", "aria-labelledby": place.labelledBy, class: "pairs" }, legend(asked.right), ...rows),
    answer: () => {
      const chosen = asked.left.map((one, at) => [one.id, selects[at]!.value]).filter(([, value]) => value);
      return { kind: "pairs", pairs: Object.fromEntries(chosen) as Record<string, string> };
    },
  };
}

/** A list to choose from shows words only: what is more than words, or long, stands above it. */
function legend(right: ShownOption[]): HTMLElement | null {
  if (right.every((one) => typeof one.text === "string" && one.text.length <= 16)) return null;
  return el("ol", { class: "letters", type: "A" }, ...right.map((one) => el("li", {}, label(one.text))));
}
