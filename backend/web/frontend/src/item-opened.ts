/** One item, opened: what was asked, who picked what, its curve, how it did elsewhere. */

import { get } from "./api.ts";
import { at, el, say, show, words } from "./dom.ts";
import { decimal, drawing, findings, percent } from "./item-figures.ts";
import { label, said } from "./items/rich-text.ts";
import type { RichText } from "./items/types.ts";
import { bilingual, t } from "./words.ts";

type Both = { zh: string; en: string };

export interface Line {
  code: string;
  answers: number | null;
  standing: "check-key" | "improve" | "fine" | "too-few";
  facility: number | null;
  discrimination: number | null;
  upperLower: number | null;
  blank: number | null;
  findings: Both[];
}

interface Option {
  id: string;
  text: RichText;
  keyed: boolean;
  share: number | null;
  lower: number | null;
  upper: number | null;
}

interface Item {
  line: Line;
  hidden: Both | null;
  stem: RichText;
  options: Option[];
  shown: number | null;
  curve: { slope: number; difficulty: number; difficultyError: number } | null;
  drift: { before: string; facilityBefore: number | null; facilityAfter: number | null } | null;
  pictures: string[];
  elsewhere: { exam: string; edition: string; code: string; answers: number; facility: number | null; discrimination: number | null }[];
}

export async function openItem(base: string, code: string, from: HTMLButtonElement): Promise<void> {
  const dialog = at<HTMLDialogElement>("item");
  at("item-head").textContent = code;
  at("item-content").replaceChildren();
  say(at("item-status"), "");
  at("close").onclick = () => dialog.close();
  dialog.onclose = () => from.focus();
  dialog.showModal();
  at("item-head").focus();
  const which = new URLSearchParams({ code });
  try {
    const item = await get<Item>(`${base}/item?${which}`);
    at("item-content").replaceChildren(...parts(item, `${base}/item`, which));
  } catch (error) {
    say(at("item-status"), words(error), "bad");
  }
  show(at("item-content"));
}

function parts(item: Item, path: string, which: URLSearchParams): HTMLElement[] {
  const found = [said(item.stem)];
  if (item.options.length) found.push(options(item.options));
  if (item.hidden) return [...found, el("p", { class: "note" }, bilingual(item.hidden))];
  found.push(findings(item.line), facts(item));
  found.push(el("div", { class: "pictures" }, ...item.pictures.map((name) => drawing(`${path}/${name}?${which}`))));
  if (item.elsewhere.length) found.push(elsewhere(item));
  return found;
}

function options(all: Option[]): HTMLElement {
  const head = ["figures.option", "figures.picked", "figures.lower", "figures.upper"] as const;
  const rows = all.map((one) =>
    el(
      "tr",
      {},
      el("th", { scope: "row", "data-label": t("figures.option") }, el("span", {}, `${one.id}. `, label(one.text), one.keyed ? ` ${t("figures.key")}` : "")),
      el("td", { "data-label": t("figures.picked") }, percent(one.share)),
      el("td", { "data-label": t("figures.lower") }, percent(one.lower)),
      el("td", { "data-label": t("figures.upper") }, percent(one.upper)),
    ),
  );
  const heads = head.map((word) => el("th", { scope: "col" }, t(word)));
  return el("table", { class: "stacked options-table" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
}

function facts(item: Item): HTMLElement {
  const { line, drift } = item;
  const pairs: [string, string][] = [
    [t("figures.answers"), String(line.answers ?? "—")],
    [t("figures.facility"), percent(line.facility)],
    [t("figures.discrimination"), decimal(line.discrimination)],
    [t("figures.upper-lower"), decimal(line.upperLower)],
    [t("figures.blank"), percent(line.blank)],
    [t("figures.exposure"), percent(item.shown)],
  ];
  if (item.curve) pairs.push([t("figures.difficulty"), `${decimal(item.curve.difficulty)} ± ${decimal(item.curve.difficultyError)}`]);
  if (drift) pairs.push([t("figures.since", { edition: drift.before }), `${percent(drift.facilityBefore)} → ${percent(drift.facilityAfter)}`]);
  return el("dl", { class: "facts" }, ...pairs.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function elsewhere(item: Item): HTMLElement {
  const lines = item.elsewhere.map((one) =>
    el("li", {}, t("figures.elsewhere-line", { edition: one.edition, exam: one.exam, code: one.code, answers: one.answers, facility: percent(one.facility), discrimination: decimal(one.discrimination) })),
  );
  return el("section", {}, el("h3", {}, t("figures.elsewhere")), el("ul", {}, ...lines));
}
