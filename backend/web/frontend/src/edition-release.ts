/** A proposal to release an edition: whom it concerns, what changes, and the second person's word. */

import { get, post } from "./api.ts";
import { at, el, mustBeSignedIn, say, show, start, words } from "./dom.ts";
import { type Differences, type Release, calendarDay, differences, dress } from "./edition-lessons.ts";
import { instant } from "./format.ts";
import { header } from "./session.ts";
import { Sheet } from "./sheet.ts";
import type { Person, Title } from "./types.ts";
import { bilingual, t } from "./words.ts";

interface Counted {
  programme: string;
  people: number;
  finished: number;
  keepEverything: number;
  learnAgain: number;
  notBegun: number;
  gone: boolean;
  open: boolean;
  whyNotOpen: Title | null;
}

const COLUMNS = ["people", "finished", "keepEverything", "learnAgain", "notBegun"] as const;
const path = `/v1/edition-releases/${at("edition").dataset["release"] ?? ""}`;

function facts(one: Release): void {
  at("edition").textContent = t("editions.step", { old: one.insteadOf, new: one.edition });
  dress(at("state"), one.state);
  const rows: [string, string][] = [
    [t("editions.last-day", { old: one.insteadOf }), calendarDay(one.finishUntil)],
    [t("editions.proposed-at"), instant(one.proposedAt)],
    ...(one.decidedAt ? [[t("editions.decided-at"), instant(one.decidedAt)] satisfies [string, string]] : []),
    ...(one.reason ? [[t("sheet.reason"), one.reason] satisfies [string, string]] : []),
    ["SHA-256", one.sha256],
  ];
  at("facts").replaceChildren(...rows.flatMap(([name, text]) => [el("dt", {}, name), el("dd", name === "SHA-256" ? { class: "mono" } : {}, text)]));
}

function line(one: Counted, heads: string[]): HTMLElement {
  const waits = one.gone ? t("editions.gone") : one.open ? "" : one.whyNotOpen ? bilingual(one.whyNotOpen) : t("editions.not-open");
  const name = el("th", { scope: "row" }, el("span", {}, one.programme));
  const cells = COLUMNS.map((column, n) => el("td", { "data-label": heads[n + 1] ?? "" }, one[column].toLocaleString()));
  return el("tr", {}, name, ...cells, el("td", { "data-label": waits ? (heads.at(-1) ?? "") : "" }, waits));
}

/** Counted when asked: with many learners it takes a moment, and the rest is shown meanwhile. */
async function people(): Promise<void> {
  say(at("counting"), t("editions.counting"));
  const { programmes } = await get<{ programmes: Counted[] }>(`${path}/preview`);
  const heads = [t("editions.programme"), ...COLUMNS.map((column) => t(column === "people" ? "editions.count-people" : `editions.${column}`)), t("editions.remark")];
  const head = el("thead", {}, el("tr", {}, ...heads.map((text) => el("th", { scope: "col" }, text))));
  at("people").replaceChildren(head, el("tbody", {}, ...programmes.map((one) => line(one, heads))));
  show(at("people"), programmes.length > 0);
  say(at("counting"), programmes.length ? "" : t("editions.no-people"));
}

function decision(one: Release): HTMLFormElement {
  const sheet = new Sheet();
  const choice = sheet.select("release", t("editions.decision"), [["", t("editions.choose")], ["true", t("editions.accept")], ["false", t("editions.refuse")]]);
  choice.required = true;
  const why = sheet.optional("reason", t("sheet.reason"), { maxlength: "500" }, t("editions.reason-words"));
  choice.onchange = () => {
    why.required = choice.value === "false";
    why.minLength = why.required ? 5 : 0;
  };
  sheet.submit(t("editions.decide-go"), async () => {
    const release = choice.value === "true";
    if (release && !confirm(t("editions.accept-sure", { new: one.edition, old: one.insteadOf, day: calendarDay(one.finishUntil) }))) return "";
    const decided = await post<Release>(`${path}/decision`, { release, reason: why.value.trim() });
    facts(decided);
    show(at("decide-part"), false);
    say(at("done"), t(release ? "editions.accepted" : "editions.refused", { new: one.edition }), "good");
    at("done").focus();
    return "";
  });
  return sheet.form;
}

/** Two people: whoever proposed cannot decide. */
function decide(one: Release, person: Person | null): void {
  show(at("decide-part"), one.state === "proposed");
  const own = one.proposedBy === person?.id;
  const may = !own && person?.roles.includes("reviewer") === true;
  at("decide-words").textContent = t(may ? "editions.decide-words" : own ? "editions.own" : "editions.not-reviewer");
  if (may && one.state === "proposed") at("decide").replaceChildren(decision(one));
}

start(async () => {
  await mustBeSignedIn();
  const [person, release] = await Promise.all([header(), get<Release & Differences>(path)]);
  facts(release);
  differences(release);
  decide(release, person);
  show(at("loading"), false);
  show(at("content"));
  await people().catch((error: unknown) => say(at("counting"), words(error), "bad"));
});
