/** What is said of an answer where it may be said: right or wrong, what would be right, and why. */

import { el } from "../dom.ts";
import { t } from "../words.ts";
import { label, plain, said } from "./rich-text.ts";
import type { Answer, RichText, ShownGap, ShownItem, ShownOption, ShownPart } from "./types.ts";

export interface Feedback {
  points: number;
  worth: number;
  right: boolean;
  /** Of an answer that earns everything; null where people judge. */
  solution: Answer | null;
  /** By option, what its author says to who chose it. */
  options: Record<string, RichText>;
  explanation: RichText | null;
  citation: { standard: string; edition: string; clause: string } | null;
  /** By question of a case, or by gap. */
  within: Record<string, Feedback>;
}

/** Under the item that is drawn in `drawn`, and inside of it where a case has questions. */
export function tell(item: ShownItem, answer: Answer, told: Feedback, drawn: HTMLElement): HTMLElement {
  if (item.kind !== "case") return ofPart(item, answer, told);
  for (const part of item.parts) {
    const given = answer.kind === "parts" ? answer.parts[part.id] : undefined;
    const one = told.within[part.id];
    if (one) drawn.querySelector(`[data-part="${CSS.escape(part.id)}"]`)?.append(ofPart(part, given, one));
  }
  return box(told, why(told));
}

const ofPart = (item: ShownPart, answer: Answer | undefined, told: Feedback): HTMLElement =>
  box(told, ...solution(item, told), ...chosen(item, answer, told), ...why(told));

function box(told: Feedback, ...rest: (Node | Node[])[]): HTMLElement {
  const tone = told.right ? "good" : "bad";
  const word = told.right ? "practice.right" : told.points > 0 ? "practice.partly" : "practice.wrong";
  const verdict = el("p", { class: "told-verdict", "data-tone": tone }, `${told.right ? "✓" : "✗"} ${t(word, { points: told.points, worth: told.worth })}`);
  return el("div", { class: "feedback" }, verdict, ...rest.flat());
}

/** In words that need no looking up of letters. */
function solution(item: ShownPart, told: Feedback): HTMLElement[] {
  const right = told.solution;
  if (told.right || !right) return [];
  if (item.kind === "cloze") return [el("ul", { class: "solutions" }, ...item.gaps.map((gap, at) => gapSolution(gap, at, told)))];
  return [el("p", {}, t("practice.solution")), worded(item, right)];
}

function gapSolution(gap: ShownGap, at: number, told: Feedback): HTMLElement {
  const one = told.within[gap.id];
  const mark = one?.right ? "✓ " : "✗ ";
  const words = one?.solution ? short(gap, one.solution) : "";
  return el("li", {}, mark, t("practice.gap", { n: at + 1 }), el("span", { lang: "zh-CN" }, words));
}

function short(gap: ShownGap, right: Answer): string {
  if (right.kind === "choice" && gap.kind === "single") return right.picked.map((id) => plain(find(gap.options, id).text)).join("");
  return right.kind === "number" ? `${right.value} ${right.unit}`.trim() : right.kind === "text" ? right.text : "";
}

const find = (options: ShownOption[], id: string): ShownOption => options.find((one) => one.id === id) ?? { id, text: id };

function worded(item: Exclude<ShownPart, { kind: "cloze" }>, right: Answer): HTMLElement {
  const list = (tag: "ul" | "ol", options: ShownOption[], ids: string[]): HTMLElement =>
    el(tag, { class: "solutions" }, ...ids.map((id) => el("li", {}, label(find(options, id).text))));
  if (right.kind === "choice" && "options" in item) return list("ul", item.options, right.picked);
  if (right.kind === "order" && "options" in item) return list("ol", item.options, right.order);
  if (right.kind === "pairs" && item.kind === "matching")
    return el("ul", { class: "solutions" }, ...item.left.map((one) => el("li", {}, label(one.text), " — ", label(find(item.right, right.pairs[one.id] ?? "").text))));
  const words = right.kind === "number" ? `${right.value} ${right.unit}`.trim() : right.kind === "text" ? right.text : "";
  return el("p", { class: "solutions", lang: "zh-CN" }, words);
}

/** To who chose it, or gave it its place. */
function chosen(item: ShownPart, answer: Answer | undefined, told: Feedback): HTMLElement[] {
  if (answer?.kind !== "choice" || !("options" in item)) return [];
  return answer.picked.flatMap((id) => {
    const words = told.options[id];
    return words === undefined ? [] : [el("div", { class: "said-of" }, label(find(item.options, id).text), said(words))];
  });
}

function why({ explanation, citation }: Feedback): HTMLElement[] {
  const parts = explanation === null ? [] : [el("p", { class: "quiet" }, t("practice.explanation")), said(explanation)];
  if (citation === null) return parts;
  const { standard, edition, clause } = citation;
  const source = `${standard}-${edition}`;
  return [...parts, el("p", { class: "quiet" }, clause ? t("practice.clause", { source, clause }) : t("practice.source", { source }))];
}
