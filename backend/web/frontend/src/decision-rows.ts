/** Lines of the desk's lists: proposals that wait, decisions that were made. */

import type { Decision, Proposal } from "./decision-types.ts";
import { el } from "./dom.ts";
import { day, instant } from "./format.ts";
import { bilingual, t } from "./words.ts";

type Open = (number: string) => void;

const AND = t("account.and");

/** A calendar day in China. */
export const calendar = (date: string): string => day(`${date}T12:00:00+08:00`);

/** As typed by a colleague, in whatever language. */
export const quoted = (text: string): HTMLElement => el("p", { class: "as-said", lang: "zh-CN" }, text);

export function state(of: string): HTMLElement {
  return el("span", { class: "state", "data-state": of }, t(`record.state.${of as "issued" | "suspended" | "revoked" | "superseded"}`));
}

function opener(number: string, text: string, open: Open): HTMLElement {
  const button = el("button", { type: "button", class: "plain", "aria-label": `${text} ${number}` }, text);
  button.onclick = () => open(number);
  return button;
}

export function proposalRow(one: Proposal, open: Open): HTMLElement {
  const who = t("decisions.proposed-by", { name: one.proposer ?? t("decisions.somebody"), when: instant(one.proposedAt) });
  return el(
    "li",
    { class: "card" },
    el("h3", {}, el("span", { class: "mono" }, one.number), " ", state(one.state)),
    el("p", { class: "quiet" }, `${bilingual(one.title)} · ${who}`),
    quoted(one.reason),
    one.refused ? el("p", { class: "quiet" }, bilingual(one.refused.words)) : null,
    el("p", { class: "actions" }, opener(one.number, t(one.refused ? "decisions.look" : "decisions.look-and-decide"), open)),
  );
}

/** What was decided, by whom and why; as the record's own story tells it, too. */
export function told(one: Decision): HTMLElement[] {
  const names = one.by.length ? ` · ${one.by.join(AND)}` : "";
  return [
    el("p", {}, el("strong", {}, t(`decisions.kind.${one.kind}`)), el("span", { class: "quiet" }, ` ${instant(one.at)}${names}`)),
    ...(one.reason ? [quoted(one.reason)] : []),
    ...(one.declinedBecause ? [el("p", { class: "quiet" }, t("decisions.declined-because", { reason: one.declinedBecause }))] : []),
    ...(one.reviewBy ? [el("p", { class: "quiet" }, t("decisions.review-by", { day: calendar(one.reviewBy) }))] : []),
  ];
}

export function decisionRow(one: Decision, open: Open): HTMLElement {
  const head = el("p", {}, el("span", { class: "mono" }, one.number), el("span", { class: "quiet" }, ` ${bilingual(one.title)}`));
  return el("li", {}, head, ...told(one), el("p", { class: "actions" }, opener(one.number, t("decisions.look"), open)));
}

/** Of a record that is suspended now: how long, and whether its review is late. */
export function suspendedRow(one: Decision, open: Open): HTMLElement {
  const days = Math.floor((Date.now() - Date.parse(one.at)) / 86_400_000);
  const late = one.reviewBy !== null && Date.parse(`${one.reviewBy}T23:59:59+08:00`) < Date.now();
  const made = decisionRow(one, open);
  const since = el("span", { class: "state", "data-state": late ? "late" : "" }, late ? t("decisions.review-late") : days ? t("decisions.days", { n: days }) : t("decisions.today"));
  made.firstElementChild?.append(" ", since);
  return made;
}
