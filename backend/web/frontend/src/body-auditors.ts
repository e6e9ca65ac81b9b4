/** The auditors of a body, and what its managers enter of them. */

import { get, post } from "./api.ts";
import { at, el, say } from "./dom.ts";
import { Paged } from "./paged.ts";
import { after } from "./redraw.ts";
import { Sheet, folded } from "./sheet.ts";
import type { Member } from "./types.ts";
import { bilingual, t } from "./words.ts";

interface AuditorView {
  id: string;
  name: string;
  registrationNumber: string;
  grade: string | null;
  employedSince: string;
}

interface Grade {
  code: string;
  title: { zh: string; en: string };
}

type Again = (form: HTMLElement) => Promise<void>;

const day = { type: "date" };

function gradeForm(path: string, grades: Grade[], again: Again): HTMLElement {
  const sheet = new Sheet();
  const grade = sheet.select("grade", t("bodies.grade"), grades.map((one) => [one.code, bilingual(one.title)] as const));
  const since = sheet.field("gradeSince", t("body-desk.grade-since"), day);
  sheet.submit(t("body-desk.enter-go"), async () => {
    await post(`${path}/grades`, { grade: grade.value, gradeSince: since.value });
    await again(sheet.form);
    return "";
  });
  return folded(t("body-desk.new-grade"), sheet);
}

function departureForm(path: string, again: Again): HTMLElement {
  const sheet = new Sheet();
  const last = sheet.field("lastDay", t("body-desk.last-day"), day);
  sheet.submit(t("body-desk.enter-go"), async () => {
    await post(`${path}/departure`, { lastDay: last.value });
    await again(sheet.form);
    return "";
  });
  return folded(t("body-desk.departure"), sheet);
}

/** `person`: only members whose account the manager chooses are tied to a number. */
function newAuditor(path: string, grades: Grade[], members: Member[], again: Again): HTMLElement {
  const sheet = new Sheet();
  const number = sheet.field("registrationNumber", t("register.number"), { minlength: "4", maxlength: "48" });
  const name = sheet.field("name", t("bodies.name"), { maxlength: "64" });
  const grade = sheet.select("grade", t("bodies.grade"), grades.map((one) => [one.code, bilingual(one.title)] as const));
  const graded = sheet.field("gradeSince", t("body-desk.grade-since"), day);
  const employed = sheet.field("employedSince", t("body-desk.employed-since"), day);
  const person = sheet.select("personId", t("body-desk.person"), [["", t("body-desk.no-person")], ...members.map((one) => [one.personId, [one.name, one.contact].filter(Boolean).join(" · ")] as const)]);
  sheet.form.append(el("p", { class: "quiet" }, t("body-desk.person-words")));
  sheet.submit(t("body-desk.enter-go"), async () => {
    await post(path, {
      registrationNumber: number.value.trim(),
      name: name.value.trim(),
      grade: grade.value,
      gradeSince: graded.value,
      employedSince: employed.value,
      ...(person.value ? { personId: person.value } : {}),
    });
    sheet.form.reset();
    await again(sheet.form);
    return "";
  });
  return folded(t("body-desk.add"), sheet);
}

async function everyMember(organisation: string): Promise<Member[]> {
  const found: Member[] = [];
  let cursor = "";
  do {
    const page = await get<{ items: Member[]; nextCursor?: string }>(`/v1/organisations/${organisation}/members?limit=100${cursor}`);
    found.push(...page.items);
    cursor = page.nextCursor ? `&cursor=${page.nextCursor}` : "";
  } while (cursor && found.length < 1000);
  return found;
}

/** `managed`: the body's organisation where the reader manages it; else the list alone. */
export async function auditors(body: string, managed: string | null): Promise<void> {
  const path = `${body}/auditors`;
  const { items: grades } = await get<{ items: Grade[] }>("/v1/auditor-grades");
  const titles = new Map(grades.map((one) => [one.code, bilingual(one.title)]));
  const card = (one: AuditorView): HTMLElement => {
    const mine = `${path}/${one.id}`;
    const said = [titles.get(one.grade ?? "") ?? one.grade ?? "—", t("body-desk.since", { day: one.employedSince })].join(" · ");
    const forms = managed ? [gradeForm(mine, grades, again), departureForm(mine, again)] : [];
    return el("li", { class: "card", "data-keep": one.id }, el("p", {}, el("strong", {}, one.name), " ", el("span", { class: "mono" }, one.registrationNumber)), el("p", { class: "quiet" }, said), ...forms);
  };
  const list = new Paged<AuditorView>(path, "auditors", card);
  const again = (form: HTMLElement): Promise<void> =>
    after(form, async () => {
      await list.draw();
      say(at("done"), t("body-desk.entered"), "good");
    }, at("done"));
  await list.draw();
  if (managed) at("add-auditor").replaceChildren(newAuditor(path, grades, await everyMember(managed), again));
}
