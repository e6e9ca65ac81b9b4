/** How far an item is answered. No page is needed here: the rules run in tests as they are. */

import type { Answer, ShownItem } from "./types.ts";

export type Standing = "open" | "part" | "answered";

/** Nothing but blanks is no answer; an ideographic space is a blank, too. */
export function blank(answer: Answer | undefined): boolean {
  switch (answer?.kind) {
    case undefined:
      return true;
    case "choice":
      return !answer.picked.length;
    case "order":
      return !answer.order.length;
    case "pairs":
      return !Object.keys(answer.pairs).length;
    case "number":
      return !answer.value.trim();
    case "text":
      return !answer.text.trim();
    case "gaps":
      return Object.values(answer.gaps).every(blank);
    case "parts":
      return Object.values(answer.parts).every(blank);
  }
}

export function standing(item: ShownItem, answer: Answer | undefined): Standing {
  if (answer === undefined || blank(answer)) return "open";
  if (item.kind === "matching" && answer.kind === "pairs") return whole(item.left.every((one) => answer.pairs[one.id]));
  if (item.kind === "cloze" && answer.kind === "gaps") return whole(item.gaps.every((gap) => !blank(answer.gaps[gap.id])));
  if (item.kind === "case" && answer.kind === "parts")
    return whole(item.parts.every((part) => standing(part, answer.parts[part.id]) === "answered"));
  return "answered";
}

const whole = (all: boolean): Standing => (all ? "answered" : "part");
