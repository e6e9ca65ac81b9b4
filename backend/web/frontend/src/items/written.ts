/** Numbers, a few words, an essay: what is typed. */

import { el, say } from "../dom.ts";
import { t } from "../words.ts";
import { type Field, type Place, changed } from "./field.ts";
import { isNumber, turned } from "./number.ts";
import { plain } from "./rich-text.ts";
import type { Numbered, Picked, ShownEssay, ShownOption, Written } from "./types.ts";

const MOST_OF_A_SHORT_TEXT = 200;
const PLAIN_FIELD = { autocomplete: "off", autocapitalize: "off", spellcheck: "false" };
/** Characters as the server counts them, not as UTF-16 does. */
const characters = (text: string): string[] => [...text.replaceAll("\0", "")];

/** `label`: what the field is called where no stem stands before it. */
export function shortText(given: Written | undefined, place: Place, label = ""): Field<Written> {
  const input = el("input", { type: "text", maxlength: String(MOST_OF_A_SHORT_TEXT), ...PLAIN_FIELD, ...named(place, label) });
  input.value = given?.text ?? "";
  return { element: input, answer: () => ({ kind: "text", text: input.value.replaceAll("\0", "") }) };
}

const named = (place: Place, label: string): Record<string, string> =>
  label ? { "aria-label": label } : { "aria-labelledby": place.labelledBy };

export function numeric(units: string[], given: Numbered | undefined, place: Place, label = ""): Field<Numbered> {
  const flaw = el("span", { class: "flaw", id: `${place.name}-flaw`, role: "alert", hidden: "" });
  const input = el("input", { type: "text", inputmode: "decimal", maxlength: "64", ...PLAIN_FIELD, ...named(place, label), "aria-describedby": flaw.id });
  input.value = given?.value ?? "";
  const sign = el("button", { type: "button", class: "plain sign", "aria-label": t("item.sign") }, "±");
  sign.addEventListener("click", () => {
    input.value = turned(input.value);
    judge(); // a lone minus waits for its digits
    changed(input);
  });
  const unit = units.length ? unitOf(units, given?.unit ?? "") : null;
  const fit = (): boolean => !input.value.trim() || isNumber(input.value, units.length > 0);
  const judge = (): void => {
    const wrong = !fit() && input.value.trim() !== "-";
    input.setAttribute("aria-invalid", String(wrong));
    say(flaw, wrong ? t("item.no-number") : "", "bad");
  };
  input.addEventListener("change", judge);
  input.addEventListener("input", () => fit() && judge()); // not while a number begins
  return {
    element: el("span", { class: "number-field" }, sign, input, unit, flaw),
    answer: () => ({ kind: "number", value: fit() ? input.value : "", unit: unit?.value ?? "" }),
  };
}

function unitOf(units: string[], given: string): HTMLSelectElement {
  const select = el("select", { "aria-label": t("item.unit") }, el("option", { value: "" }, t("item.unit")), ...units.map((one) => el("option", { value: one }, one)));
  select.value = units.includes(given) ? given : "";
  return select;
}

/** One option, chosen inside of a line of words. */
export function picked(options: ShownOption[], given: Picked | undefined, label: string): Field<Picked> {
  const choices = options.map((one) => el("option", { value: one.id, lang: "zh-CN" }, plain(one.text)));
  const select = el("select", { "aria-label": label }, el("option", { value: "" }, t("item.choose")), ...choices);
  select.value = given?.picked[0] ?? "";
  return { element: select, answer: () => ({ kind: "choice", picked: select.value ? [select.value] : [] }) };
}

export function essay(asked: ShownEssay, given: Written | undefined, place: Place): Field<Written> {
  const count = el("p", { class: "quiet", id: `${place.name}-count` });
  const flaw = el("p", { class: "flaw", role: "alert", hidden: "" });
  const area = el("textarea", { rows: "8", "aria-labelledby": place.labelledBy, "aria-describedby": count.id });
  area.value = given?.text ?? "";
  const look = (): void => {
    const n = characters(area.value).length;
    const { atLeast: least, atMost: most } = asked;
    count.textContent = t(least ? "item.characters-from" : "item.characters", { n, least, most });
    say(flaw, n > most ? t("item.too-long", { n: n - most, most }) : "", "bad");
  };
  area.addEventListener("input", look);
  look();
  const kept = (): string => characters(area.value).slice(0, asked.atMost).join("");
  return { element: el("div", { class: "essay" }, area, count, flaw), answer: () => ({ kind: "text", text: kept() }) };
}
