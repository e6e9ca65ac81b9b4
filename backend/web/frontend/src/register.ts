/** Listing a body in the register, and looking an auditor up by registration number. */

import { get, post } from "./api.ts";
import { at, el, mustBeSignedIn, say, show, start } from "./dom.ts";
import { header } from "./session.ts";
import { Sheet } from "./sheet.ts";
import { bilingual, t } from "./words.ts";

interface Organisation {
  id: string;
  code: string;
  name: string;
}

interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

interface Archive {
  name: string;
  registrationNumber: string;
  nameMatches: boolean | null;
  grades: { grade: string; since: string }[];
  employments: { body: string; name: string | null; beginsOn: string; endsOn: string | null }[];
  trained: boolean;
  bodyListed: boolean;
}

export interface Grade {
  code: string;
  title: { zh: string; en: string };
}

const LINE = { maxlength: "200" };

async function all<T>(path: string): Promise<T[]> {
  const found: T[] = [];
  let cursor = "";
  do {
    const page = await get<Page<T>>(`${path}limit=100${cursor}`);
    found.push(...page.items);
    cursor = page.nextCursor ? `&cursor=${encodeURIComponent(page.nextCursor)}` : "";
  } while (cursor);
  return found;
}

/** Confirmed certification bodies that the register does not have yet. */
async function waiting(): Promise<Organisation[]> {
  const [known, organisations] = await Promise.all([all<{ code: string }>("/v1/certification-bodies?"), all<Organisation>("/v1/organisations?state=confirmed&kind=certification-body&")]);
  const codes = new Set(known.map((one) => one.code));
  return organisations.filter((one) => !codes.has(one.code));
}

function entering(organisations: Organisation[]): void {
  show(at("none"), !organisations.length);
  if (!organisations.length) return;
  const sheet = new Sheet();
  const which = sheet.select("organisationId", t("register.organisation"), organisations.map((one) => [one.id, `${one.name} ${one.code}`] as const));
  const name = sheet.optional("name", t("register.name"), LINE);
  const since = sheet.field("effectiveFrom", t("register.since"), { type: "date" });
  const why = sheet.field("reason", t("register.reason"), { minlength: "5", maxlength: "500" });
  const paper = sheet.field("document", t("register.document"), LINE);
  sheet.submit(t("register.enter-go"), async () => {
    const body = { organisationId: which.value, effectiveFrom: since.value, reason: why.value.trim(), document: paper.value.trim(), ...(name.value.trim() ? { name: name.value.trim() } : {}) };
    const made = await post<{ code: string }>("/v1/certification-bodies", body);
    location.assign(`/bodies/${made.code}/desk`);
    return "";
  });
  at("enter").replaceChildren(sheet.form);
}

function drawn(found: Archive, titles: Map<string, string>): HTMLElement {
  const facts = [t(found.trained ? "register.trained" : "register.untrained"), t(found.bodyListed ? "register.body-listed" : "register.body-not-listed")];
  if (found.nameMatches !== null) facts.unshift(t(found.nameMatches ? "register.name-matches" : "register.name-differs"));
  return el(
    "article",
    { class: "card" },
    el("h3", {}, `${found.name} ${found.registrationNumber}`),
    el("p", {}, facts.join(" · ")),
    el("h4", {}, t("register.grades")),
    el("ul", {}, ...found.grades.map((one) => el("li", {}, `${titles.get(one.grade) ?? one.grade} · ${t("bodies.since", { day: one.since })}`))),
    el("h4", {}, t("register.employments")),
    el("ul", {}, ...found.employments.map((one) => el("li", {}, `${one.name ?? ""} ${one.body} · ${one.beginsOn} – ${one.endsOn ?? t("register.today")}`))),
  );
}

function archive(titles: Map<string, string>): void {
  const sheet = new Sheet();
  const number = sheet.field("registrationNumber", t("register.number"), { minlength: "4", maxlength: "48" });
  const purposes = ["certification", "inspection", "complaint"] as const;
  const purpose = sheet.select("purpose", t("register.purpose"), purposes.map((one) => [one, t(`register.purpose.${one}`)] as const));
  const name = sheet.optional("name", t("register.card-name"), { maxlength: "64" });
  sheet.submit(t("register.archive-go"), async () => {
    at("found").replaceChildren();
    const body = { registrationNumber: number.value.trim(), purpose: purpose.value, ...(name.value.trim() ? { name: name.value.trim() } : {}) };
    at("found").replaceChildren(drawn(await post<Archive>("/v1/auditor-archive-queries", body), titles));
    return "";
  });
  at("archive").replaceChildren(sheet.form);
}

start(async () => {
  await mustBeSignedIn();
  const [person, grades] = await Promise.all([header(), get<{ items: Grade[] }>("/v1/auditor-grades")]);
  show(at("loading"), false);
  const roles = person?.roles ?? [];
  if (!roles.some((role) => ["administrator", "inspector", "certifier"].includes(role))) return say(at("status"), t("register.nobody"), "bad");
  archive(new Map(grades.items.map((one) => [one.code, bilingual(one.title)])));
  if (roles.includes("administrator")) {
    entering(await waiting());
    show(at("enter-part"));
  }
  show(at("content"));
});
