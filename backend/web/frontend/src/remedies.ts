/** Items found faulty: one person looks and proposes, another decides on what it would do to marks. */

import { get, post } from "./api.ts";
import { at, el, mustBeSignedIn, say, show, start } from "./dom.ts";
import { drawItem, kindAndPoints } from "./items/item.ts";
import { label } from "./items/rich-text.ts";
import type { Answer, ShownChoice, ShownItem } from "./items/types.ts";
import { Paged } from "./paged.ts";
import { type Preview, type Remedy, counts, table } from "./remedy-preview.ts";
import { header } from "./session.ts";
import { Sheet, reason } from "./sheet.ts";
import { language, t } from "./words.ts";

interface Met {
  item: ShownItem;
  solution: Answer | null;
  papers: number;
  facility: number | null;
  picks: Record<string, number>;
}

const day = (instant: string): string =>
  new Date(instant).toLocaleString(language === "en" ? "en-GB" : "zh-CN", { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Shanghai" });

let decides = false;
let open = ""; // whose preview is to be seen
const list = new Paged<Remedy>("/v1/item-remedies", "remedies", row);

// --- looking and proposing

function looking(): void {
  const sheet = new Sheet();
  const code = sheet.field("itemId", t("remedies.code"), { maxlength: "64" }, t("remedies.code-words"));
  const version = sheet.field("version", t("remedies.version"), { type: "number", min: "1", max: "1000000", value: "1", inputmode: "numeric" });
  sheet.submit(t("remedies.look-go"), async () => {
    const id = code.value.trim();
    const met = await get<Met>(`/v1/item-remedies/items/${encodeURIComponent(id)}?version=${version.valueAsNumber}`);
    draw(met, version.valueAsNumber);
    return "";
  });
  at("look").replaceChildren(sheet.form);
}

function draw(met: Met, version: number): void {
  const { item } = met;
  at("met-title").replaceChildren(`${item.id} · v${version} `, el("span", { class: "kind" }, kindAndPoints(item)));
  const drawn = drawItem(item, met.solution ?? undefined, { name: "met", labelledBy: "met-title" }).element;
  at("item").replaceChildren(el("fieldset", { disabled: "" }, el("legend", {}, t("remedies.key")), drawn));
  const share = met.facility === null ? "—" : `${(100 * met.facility).toFixed(1)} %`;
  const picks = isChoice(item) ? picked(item, met) : [];
  at("usage").replaceChildren(t("remedies.usage", { n: met.papers, share }), ...picks);
  at("propose").replaceChildren(proposing(item, version));
  show(at("met"));
  at("met-title").focus();
}

const isChoice = (item: ShownItem): item is ShownChoice => ["single", "multiple", "true-false"].includes(item.kind);

function picked(item: ShownChoice, met: Met): HTMLElement[] {
  const rows = item.options.map((one) => el("li", {}, label(one.text), ` — ${met.picks[one.id] ?? 0}`));
  return [el("span", { class: "quiet" }, ` ${t("remedies.picks")}`), el("ul", {}, ...rows)];
}

function proposing(item: ShownItem, version: number): HTMLElement {
  const sheet = new Sheet();
  const kinds = isChoice(item) ? (["full-marks", "void", "new-key"] as const) : (["full-marks", "void"] as const);
  const kind = sheet.select("kind", t("remedies.kind"), kinds.map((one) => [one, t(`remedies.kind.${one}`)] as const));
  const keys = isChoice(item) ? newKey(item) : null;
  if (keys) sheet.form.append(keys.element);
  else sheet.form.append(el("p", { class: "quiet hint" }, t("remedies.other-key")));
  kind.onchange = () => keys && show(keys.element, kind.value === "new-key");
  const why = reason(sheet);
  sheet.submit(t("remedies.propose-go"), async () => {
    const key = keys && kind.value === "new-key" ? { key: keys.picked() } : {};
    const body = { itemId: item.id, version, kind: kind.value, reason: why.value, ...key };
    open = (await post<Remedy>("/v1/item-remedies", body)).id;
    show(at("met"), false);
    await said(t("remedies.proposed"));
    return "";
  });
  return sheet.form;
}

function newKey(item: ShownChoice): { element: HTMLElement; picked: () => string[] } {
  const type = item.kind === "multiple" ? "checkbox" : "radio";
  const inputs = item.options.map((one) => el("input", { type, name: "new-key", value: one.id }));
  const rows = item.options.map((one, n) => el("label", { class: "option" }, inputs[n]!, label(one.text)));
  const element = el("fieldset", { hidden: "" }, el("legend", {}, t("remedies.new-key")), ...rows);
  return { element, picked: () => inputs.filter((one) => one.checked).map((one) => one.value) };
}

// --- what was proposed

function row(remedy: Remedy): HTMLElement {
  const by = remedy.own ? ` · ${t("remedies.own")}` : "";
  const state = el("strong", {}, t(`remedies.state.${remedy.state}`));
  const facts = `${t(`remedies.kind.${remedy.kind}`)} · ${day(remedy.proposedAt)}${by}`;
  const made = el("li", { class: "card" }, el("h3", {}, `${remedy.itemId} `, state), el("p", { class: "quiet" }, facts), el("p", { lang: "zh-CN" }, remedy.reason));
  if (remedy.state !== "proposed") made.append(decided(remedy));
  else made.append(previewing(remedy));
  return made;
}

function decided(remedy: Remedy): HTMLElement {
  const corrected = remedy.attempts === null ? "" : ` ${t("remedies.corrected", { n: remedy.attempts })}`;
  return el("p", {}, `${remedy.decidedAt ? day(remedy.decidedAt) : ""} ${remedy.decidedBecause ?? ""}${corrected}`);
}

function previewing(remedy: Remedy): HTMLElement {
  const place = el("div", {});
  const summary = el("summary", {}, t("remedies.preview"));
  const note = el("p", { role: "status" });
  const details = el("details", {}, summary, note, place);
  details.addEventListener("toggle", () => {
    if (details.open && !place.hasChildNodes()) void look(remedy, place, note);
  });
  details.open = remedy.id === open;
  return details;
}

async function look(remedy: Remedy, place: HTMLElement, note: HTMLElement): Promise<void> {
  say(note, t("remedies.working"));
  try {
    const seen = await get<Preview>(`/v1/item-remedies/${remedy.id}/preview`);
    place.replaceChildren(counts(seen), table(seen), remedy.own || !decides ? waits(remedy) : deciding(remedy, seen));
    say(note, "");
  } catch (error) {
    say(note, error instanceof Error ? error.message : String(error), "bad");
  }
}

const waits = (remedy: Remedy): HTMLElement => el("p", { class: "note" }, t(remedy.own ? "remedies.not-you" : "remedies.administrators"));

/** On this very preview: the server refuses it when a mark has changed since. */
function deciding(remedy: Remedy, seen: Preview): HTMLElement {
  const sheet = new Sheet();
  const apply = sheet.select("apply", t("remedies.decision"), [
    ["", t("remedies.choose")],
    ["yes", t("remedies.apply", { n: seen.raised })],
    ["no", t("remedies.refuse")],
  ]);
  apply.required = true;
  const why = reason(sheet);
  sheet.submit(t("remedies.decide-go"), async () => {
    const body = { apply: apply.value === "yes", reason: why.value, previewSha256: apply.value === "yes" ? seen.sha256 : null };
    const done = await post<Remedy>(`/v1/item-remedies/${remedy.id}/decision`, body);
    await said(done.state === "applied" ? t("remedies.corrected", { n: done.attempts ?? 0 }) : t("remedies.state.refused"));
    return "";
  });
  return sheet.form;
}

async function said(text: string): Promise<void> {
  await redraw();
  say(at("done"), text, "good");
  at("done").focus();
}

async function redraw(): Promise<void> {
  show(at("none"), (await list.draw()) === 0);
}

start(async () => {
  await mustBeSignedIn();
  const roles = (await header())?.roles ?? [];
  show(at("loading"), false);
  decides = roles.includes("administrator");
  if (!decides && !roles.includes("reviewer")) return say(at("status"), t("remedies.nobody"), "bad");
  looking();
  await redraw();
  show(at("content"));
});
