/** The auditors of a body with the record behind each: chosen by state, page by page, and as a workbook. */

import { get } from "./api.ts";
import { at, during, el, show } from "./dom.ts";
import { day } from "./format.ts";
import { save } from "./save.ts";
import { Sheet } from "./sheet.ts";
import { type Word, bilingual, t } from "./words.ts";

interface Entry {
  name: string;
  registrationNumber: string;
  grade: string | null;
  state: "current" | "expiring" | "expired" | "withdrawn" | "none";
  number: string | null;
  validUntil: string | null;
}

interface Page {
  items: Entry[];
  nextCursor: string | null;
}

const STATES = ["expiring", "expired", "withdrawn", "none", "current"] as const;
const TONES: Record<Entry["state"], string> = { current: "done", expiring: "late", expired: "late", withdrawn: "revoked", none: "" };

function row(one: Entry, titles: Map<string, string>): HTMLElement {
  const state = el("span", { class: "state" }, t(`roster.state.${one.state}` as Word));
  state.dataset["state"] = TONES[one.state];
  const number = one.number ? el("a", { class: "mono", href: `/v?code=${encodeURIComponent(one.number)}` }, one.number) : "—";
  const cells: [Word, Node | string][] = [
    ["bodies.number", el("span", { class: "mono" }, one.registrationNumber)],
    ["bodies.grade", titles.get(one.grade ?? "") ?? one.grade ?? "—"],
    ["roster.state", state],
    ["fact.number", number],
    ["fact.valid-until", one.validUntil ? day(one.validUntil) : one.number ? t("fact.no-end") : "—"],
  ];
  const name = el("th", { scope: "row", "data-label": t("bodies.name") }, one.name);
  return el("tr", {}, name, ...cells.map(([label, cell]) => el("td", { "data-label": t(label) }, cell)));
}

export async function roster(body: string): Promise<void> {
  const { items: grades } = await get<{ items: { code: string; title: { zh: string; en: string } }[] }>("/v1/auditor-grades");
  const titles = new Map(grades.map((one) => [one.code, bilingual(one.title)]));
  const sheet = new Sheet(at<HTMLFormElement>("roster-ask"));
  const state = sheet.select("state", t("roster.state"), [["", t("roster.all")], ...STATES.map((one) => [one, t(`roster.state.${one}` as Word)] as const)]);
  const within = sheet.select("withinDays", t("roster.within"), [30, 90, 180, 365].map((n) => [String(n), t("roster.n-days", { n })] as const));
  within.value = "90";
  const note = at("roster-note");
  const more = at<HTMLButtonElement>("roster-more");
  let cursor = "";
  let asked = 0;
  const query = (): string => new URLSearchParams({ withinDays: within.value, ...(state.value ? { state: state.value } : {}) }).toString();
  const next = async (): Promise<void> => {
    const mine = asked;
    const page = await get<Page>(`${body}/roster?limit=50&${query()}${cursor}`);
    if (mine !== asked) return; // another choice was made meanwhile
    at("roster").append(...page.items.map((one) => row(one, titles)));
    cursor = page.nextCursor ? `&cursor=${page.nextCursor}` : "";
    show(more, cursor !== "");
    const some = at("roster").childElementCount > 0;
    show(at("roster-table"), some);
    show(at("roster-none"), !some && cursor === "");
  };
  const again = async (): Promise<void> => {
    cursor = "";
    asked += 1;
    at("roster").replaceChildren();
    await next();
  };
  for (const choice of [state, within]) choice.onchange = () => void during(more, note, again);
  more.onclick = () => void during(more, note, next);
  const file = at<HTMLButtonElement>("roster-save");
  file.onclick = () => void during(file, note, () => save(`${body}/roster.xlsx?${query()}`, "roster.xlsx"));
  await again();
}
