/** How an exam's marks and questions did. Figures are of groups; where too few sat, it is said why. */

import { get } from "./api.ts";
import { at, during, el, mustBeSignedIn, say, show, start, words } from "./dom.ts";
import { instant } from "./format.ts";
import { drawing, percent, row } from "./item-figures.ts";
import { type Line, openItem } from "./item-opened.ts";
import { header } from "./session.ts";
import { type Word, bilingual, t } from "./words.ts";

const AT_ONCE = 60;

interface Entry {
  exam: string;
  edition: string;
  people: number | null;
  hidden: { zh: string; en: string } | null;
}

interface Report {
  exam: string;
  edition: string;
  workedOutAt: string;
  people: number;
  attempts: number;
  passShare: number;
  passed: number;
  mean: number | null;
  median: number | null;
  near: number;
  itemsAPaper: number | null;
  dependability: number | null;
  error: number | null;
  overlap: number | null;
  before: string | null;
  pictures: string[];
  items: Line[];
}

let report: Report | null = null;
let most = AT_ONCE;

const base = (of: { exam: string; edition: string }): string => `/v1/exam-statistics/${of.edition}/${of.exam}`;

function facts(found: Report): void {
  const pairs: [string, string][] = [
    [t("figures.people"), t("figures.n-people", { n: found.people })],
    [t("figures.mean"), percent(found.mean)],
    [t("figures.passed"), t("figures.passed-of", { passed: percent(found.passed), mark: percent(found.passShare) })],
    [t("figures.near"), t("figures.near-words", { near: percent(found.near), error: percent(found.error) })],
    [t("figures.dependability"), trust(found.dependability)],
    [t("figures.overlap"), percent(found.overlap)],
  ];
  at("facts").replaceChildren(...pairs.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  at("as-at").textContent = t("figures.as-at", { at: instant(found.workedOutAt) });
}

function trust(value: number | null): string {
  if (value === null) return "—";
  const word: Word = value >= 0.8 ? "figures.trust-good" : value >= 0.6 ? "figures.trust-fair" : "figures.trust-poor";
  return `${value.toFixed(2)} · ${t(word)}`;
}

function standings(found: Report): void {
  const count = (standing: string): number => found.items.filter((one) => one.standing === standing).length;
  at("standings").textContent = t("figures.standings", {
    all: found.items.length,
    key: count("check-key"),
    improve: count("improve"),
    fine: count("fine"),
    few: count("too-few"),
  });
}

function chosen(): Line[] {
  const only = at<HTMLSelectElement>("only").value;
  const fits = (one: Line): boolean =>
    only === "all" || one.standing === "check-key" || (only === "look" && one.standing === "improve");
  return (report?.items ?? []).filter(fits);
}

function items(): void {
  if (!report) return;
  const of = report;
  const found = chosen();
  at("items").replaceChildren(...found.slice(0, most).map((one) => row(one, (button) => void openItem(base(of), one.code, button))));
  at("shown").textContent = t("figures.shown", { shown: Math.min(most, found.length), of: found.length });
  show(at("more"), found.length > most);
}

async function choose(exam: string, edition: string): Promise<void> {
  const found = await get<Report>(base({ exam, edition }));
  report = found;
  most = AT_ONCE;
  facts(found);
  standings(found);
  if (!chosen().length) at<HTMLSelectElement>("only").value = "all";
  items();
  show(at("report"));
  at("pictures").replaceChildren(...found.pictures.map((name) => drawing(`${base(found)}/pictures/${name}?`)));
}

function listed(entries: Entry[]): Entry[] {
  const shown = entries.filter((one) => one.hidden === null);
  const hidden = entries.filter((one) => one.hidden !== null);
  const label = (one: Entry): string => `${one.edition} · ${one.exam}`;
  at("which").replaceChildren(
    ...shown.map((one, n) => el("option", { value: String(n) }, `${label(one)} · ${t("figures.n-people", { n: one.people ?? 0 })}`)),
  );
  at("hidden-exams").replaceChildren(...hidden.map((one) => el("li", {}, el("strong", {}, label(one)), ` ${one.hidden ? bilingual(one.hidden) : ""}`)));
  show(at("hidden-part"), hidden.length > 0);
  at<HTMLDetailsElement>("hidden-part").open = !shown.length;
  show(at("choose"), shown.length > 0);
  show(at("none"), !entries.length);
  return shown;
}

start(async () => {
  await mustBeSignedIn();
  const person = await header();
  show(at("loading"), false);
  const may = ["author", "reviewer", "administrator"];
  if (!person?.roles.some((role) => may.includes(role))) return say(at("status"), t("figures.nobody"), "bad");
  const shown = listed((await get<{ items: Entry[] }>("/v1/exam-statistics")).items);
  const asked = new URLSearchParams(location.search);
  const which = at<HTMLSelectElement>("which");
  const first = Math.max(0, shown.findIndex((one) => one.exam === asked.get("exam") && one.edition === asked.get("edition")));
  const go = async (): Promise<void> => {
    const one = shown[Number(which.value)];
    if (one) await choose(one.exam, one.edition);
  };
  which.value = String(first);
  which.onchange = () => {
    const one = shown[Number(which.value)];
    if (one) history.replaceState(null, "", `?${new URLSearchParams({ edition: one.edition, exam: one.exam })}`);
    void go().catch((error: unknown) => say(at("status"), words(error), "bad"));
  };
  at<HTMLSelectElement>("only").onchange = () => {
    most = AT_ONCE;
    items();
  };
  const more = at<HTMLButtonElement>("more");
  more.onclick = () => void during(more, at("status"), async () => {
    most += AT_ONCE;
    items();
  });
  show(at("content"));
  await go();
});
