/** One option or several: the browser's own buttons, each as tall as a thumb. */

import { el } from "../dom.ts";
import { t } from "../words.ts";
import type { Field, Place } from "./field.ts";
import { label } from "./rich-text.ts";
import type { Picked, ShownChoice } from "./types.ts";

export function choice(asked: ShownChoice, given: Picked | undefined, place: Place): Field<Picked> {
  const several = asked.kind === "multiple";
  const inputs = asked.options.map((one) => {
    const input = el("input", { type: several ? "checkbox" : "radio", name: place.name, value: one.id });
    input.checked = given?.picked.includes(one.id) ?? false;
    return input;
  });
  const rows = asked.options.map((one, at) => el("label", { class: "option", "data-option": one.id }, inputs[at]!, label(one.text)));
  const role = several ? "group" : "radiogroup";
  const element = el("div", { role, "aria-labelledby": place.labelledBy, class: "options" }, ...rows);
  if (several) element.prepend(el("p", { class: "hint quiet" }, t("item.several")));
  return {
    element,
    answer: () => ({ kind: "choice", picked: inputs.filter((one) => one.checked).map((one) => one.value) }),
  };
}
