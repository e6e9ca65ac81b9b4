/** Questions as fieldsets: keyboard, screen reader and thumb all know what to do with them. */

import { el } from "./dom.ts";
import type { Question } from "./types.ts";
import { t } from "./words.ts";

export type Answers = Record<string, string[]>;

function option(question: Question, id: string, text: string, chosen: boolean): HTMLElement {
  const type = question.kind === "multiple" ? "checkbox" : "radio";
  const input = el("input", { type, name: question.id, value: id });
  input.checked = chosen;
  return el("label", { class: "option" }, input, el("span", {}, text));
}

export function fieldset(question: Question, number: number, given: string[] = [], extra = ""): HTMLFieldSetElement {
  const kind = el("span", { class: "kind" }, t(`question.${question.kind}`) + extra);
  return el(
    "fieldset",
    { class: "question", "data-question": question.id },
    el("legend", {}, el("span", { class: "number" }, `${number}.`), ` ${question.stem} `, kind),
    ...question.options.map((one) => option(question, one.id, one.text, given.includes(one.id))),
  );
}

export function answers(form: HTMLFormElement, questions: Question[]): Answers {
  const data = new FormData(form);
  return Object.fromEntries(questions.map((question) => [question.id, data.getAll(question.id).map(String)]));
}

export const unanswered = (given: Answers): number =>
  Object.values(given).filter((chosen) => !chosen.length).length;
