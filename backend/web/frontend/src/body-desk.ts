/** A body's desk: its state and rules for who keeps the register, commitments and auditors for its managers. */

import { call, get, post } from "./api.ts";
import { at, el, mustBeSignedIn, say, show, start } from "./dom.ts";
import { auditors } from "./body-auditors.ts";
import { after, renew } from "./redraw.ts";
import { header } from "./session.ts";
import { Sheet, folded } from "./sheet.ts";
import type { MyOrganisation } from "./types.ts";
import { type Word, t } from "./words.ts";

interface Entry {
  id: string;
  state: string;
  effectiveFrom: string;
  reason: string;
  document: string;
  corrected: boolean;
}

interface BodyPage {
  code: string;
  status: { state: string; name: string } | null;
  entries: Entry[];
  documents: { title: string; version: string; effectiveFrom: string; kind: string; url: string }[];
}

const code = at("body").dataset["code"] ?? "";
const path = `/v1/certification-bodies/${code}`;
const stateWord = (state: string): string => t(`bodies.state.${state}` as Word);

async function told(): Promise<void> {
  await draw();
  say(at("done"), t("body-desk.entered"), "good");
}

function entryLine(one: Entry): HTMLElement {
  const said = `${one.effectiveFrom} ${stateWord(one.state)}`;
  return el("li", {}, one.corrected ? el("s", {}, said) : el("strong", {}, said), one.corrected ? el("span", { class: "state" }, t("bodies.corrected")) : null, el("span", { class: "quiet" }, `${one.reason} · ${one.document}`));
}

/** What can be corrected: each entry that nothing has taken the place of, but for withdrawals. */
function statusForm(entries: Entry[]): HTMLFormElement {
  const sheet = new Sheet(el("form", { "data-keep": "status" }));
  const standing = entries.filter((one) => !one.corrected && one.state !== "withdrawn");
  const corrects = sheet.select("corrects", t("body-desk.corrects"), [["", t("body-desk.corrects-none")], ...standing.map((one) => [one.id, `${one.effectiveFrom} ${stateWord(one.state)}`] as const)]);
  const choices = ["listed", "suspended", "removed"].map((one) => [one, stateWord(one)] as const);
  const state = sheet.select("state", t("body-desk.state"), choices);
  const withdrawn = el("option", { value: "withdrawn" }, t("body-desk.withdrawn"));
  const since = sheet.field("effectiveFrom", t("register.since"), { type: "date" });
  const name = sheet.optional("name", t("body-desk.filed-name"), { maxlength: "200" });
  const why = sheet.field("reason", t("register.reason"), { minlength: "5", maxlength: "500" });
  const paper = sheet.field("document", t("register.document"), { maxlength: "200" });
  corrects.onchange = () => {
    if (corrects.value) state.append(withdrawn);
    else withdrawn.remove();
    const wrong = standing.find((one) => one.id === corrects.value);
    if (wrong) [state.value, since.value] = [wrong.state, wrong.effectiveFrom];
  };
  sheet.submit(t("body-desk.enter-go"), async () => {
    await post(`${path}/register-entries`, {
      state: state.value,
      effectiveFrom: since.value,
      reason: why.value.trim(),
      document: paper.value.trim(),
      ...(name.value.trim() ? { name: name.value.trim() } : {}),
      ...(corrects.value ? { corrects: corrects.value } : {}),
    });
    await after(sheet.form, told, at("done"));
    return "";
  });
  return sheet.form;
}

function paperForm(what: "rules" | "commitments"): HTMLElement {
  const sheet = new Sheet();
  const title = sheet.field("title", t("body-desk.paper-title"), { maxlength: "200" });
  const version = sheet.field("version", t("body-desk.version"), { maxlength: "32" });
  const since = sheet.field("effectiveFrom", t("register.since"), { type: "date" });
  const file = sheet.field("file", t("body-desk.file"), { type: "file", accept: ".pdf,.png,.jpg,.jpeg" }, t("body-desk.paper-words"));
  sheet.submit(t("body-desk.file-go"), async () => {
    const query = new URLSearchParams({ title: title.value.trim(), version: version.value.trim(), effectiveFrom: since.value });
    const filed = await call<{ sha256: string }>("POST", `${path}/${what}?${query.toString()}`, file.files?.[0]);
    sheet.form.reset();
    await draw();
    return t("body-desk.filed", { sha256: filed.sha256 });
  });
  return folded(t(what === "rules" ? "body-desk.rule" : "body-desk.commitment"), sheet);
}

async function draw(): Promise<void> {
  const body = await get<BodyPage>(path);
  at("name").textContent = body.status?.name ?? body.code;
  at("state").textContent = stateWord(body.status?.state ?? "none");
  at("history").replaceChildren(...body.entries.map(entryLine).reverse());
  renew(at("status-form"), [statusForm(body.entries)]);
  const line = (one: BodyPage["documents"][number]): HTMLElement =>
    el("li", {}, el("a", { href: one.url }, one.title), el("span", { class: "state" }, one.version), el("span", { class: "quiet" }, `${t(one.kind === "rule" ? "bodies.rules" : "bodies.commitments")} · ${t("bodies.since", { day: one.effectiveFrom })}`));
  at("documents").replaceChildren(...body.documents.map(line));
}

start(async () => {
  await mustBeSignedIn();
  const [person, { items }] = await Promise.all([header(), get<{ items: MyOrganisation[] }>("/v1/me/organisations")]);
  const keeper = person?.roles.includes("administrator") ?? false;
  const managed = items.find((one) => one.code === code && one.position === "manager");
  show(at("loading"), false);
  if (!keeper && !managed) return say(at("status"), t("body-desk.nobody"), "bad");
  await Promise.all([draw(), auditors(path, managed?.id ?? null)]);
  show(at("history-part"), keeper);
  at("papers").append(...(keeper ? [paperForm("rules")] : []), ...(managed ? [paperForm("commitments")] : []));
  show(at("content"));
});
