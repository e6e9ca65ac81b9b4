/** Planning a class: what, where, when, with which breaks, and who teaches. */

import { get, post } from "./api.ts";
import { at, el, mustBeSignedIn, say, show, start } from "./dom.ts";
import { header } from "./session.ts";
import { Sheet, inChina } from "./sheet.ts";
import type { Member, MyOrganisation } from "./types.ts";
import { t } from "./words.ts";

interface Break {
  begins: HTMLInputElement;
  ends: HTMLInputElement;
}

const LAST_MODULE = 19;
const MOST_BREAKS = 60;
const moment = { type: "datetime-local" };

function breaksOf(sheet: Sheet): Break[] {
  const rows: Break[] = [];
  const list = el("ul", { class: "plain" });
  const more = el("button", { type: "button", class: "plain" }, t("class-plan.add-break"));
  more.onclick = () => {
    const one = { begins: el("input", { ...moment, required: "" }), ends: el("input", { ...moment, required: "" }) };
    const gone = el("button", { type: "button", class: "link" }, t("class-plan.no-break"));
    const row = el("li", {}, el("label", {}, t("class-plan.break-from"), one.begins), el("label", {}, t("class-plan.break-until"), one.ends), gone);
    gone.onclick = () => {
      rows.splice(rows.indexOf(one), 1);
      row.remove();
      more.focus();
    };
    rows.push(one);
    list.append(row);
    more.disabled = rows.length >= MOST_BREAKS;
    one.begins.focus();
  };
  sheet.form.append(el("fieldset", { class: "options" }, el("legend", {}, t("class-plan.breaks")), list, more));
  return rows;
}

/** Checkboxes of the organiser's members; nobody ticked means the planner teaches. */
function teachers(box: HTMLElement, organisation: string): void {
  let cursor = "";
  const list = el("div", {});
  const more = el("button", { type: "button", class: "link", hidden: "" }, t("organisation.more"));
  const next = async (): Promise<void> => {
    const page = await get<{ items: Member[]; nextCursor?: string }>(`/v1/organisations/${organisation}/members?limit=20${cursor}`);
    list.append(...page.items.map((one) => el("label", { class: "option" }, el("input", { type: "checkbox", value: one.personId }), [one.name, one.contact].filter(Boolean).join(" · "))));
    cursor = page.nextCursor ? `&cursor=${page.nextCursor}` : "";
    show(more, cursor !== "");
  };
  more.onclick = () => void next();
  box.replaceChildren(el("legend", {}, t("class-plan.teachers")), el("p", { class: "quiet hint" }, t("class-plan.teachers-words")), list, more);
  void next();
}

function plan(managed: MyOrganisation[]): HTMLFormElement {
  const sheet = new Sheet();
  const modules = Array.from({ length: LAST_MODULE }, (_, n) => `M${String(n + 1).padStart(2, "0")}`);
  const organiser = sheet.select("organisationId", t("class-plan.organiser"), managed.map((one) => [one.id, one.name] as const));
  const title = sheet.field("title", t("class-plan.name"), { maxlength: "200" });
  const module = sheet.select("module", t("class-plan.module"), [["", t("class-plan.no-module")], ...modules.map((code) => [code, code] as const)]);
  const place = sheet.field("place", t("class-plan.place"), { maxlength: "200" });
  const capacity = sheet.field("capacity", t("class-plan.capacity"), { type: "number", min: "1", max: "1000", value: "30" });
  const begins = sheet.field("beginsAt", t("class-plan.begins"), moment, t("class-plan.zone"));
  const ends = sheet.field("endsAt", t("class-plan.ends"), moment);
  const breaks = breaksOf(sheet);
  const hours = sheet.field("classHours", t("class-plan.hours"), { type: "number", min: "0.25", max: "112", step: "0.25", value: "8" }, t("class-plan.hours-words"));
  const members = sheet.check(t("class-plan.members-only"));
  const box = el("fieldset", { class: "options" });
  sheet.form.append(box);
  const dress = (): void => teachers(box, organiser.value);
  organiser.onchange = dress;
  dress();
  sheet.submit(t("class-plan.go"), async () => {
    const made = await post<{ id: string }>("/v1/class-sessions", {
      organisationId: organiser.value,
      title: title.value.trim(),
      ...(module.value ? { module: module.value } : {}),
      place: place.value.trim(),
      capacity: Number(capacity.value),
      classHours: Number(hours.value),
      beginsAt: inChina(begins.value),
      endsAt: inChina(ends.value),
      breaks: breaks.map((one) => ({ beginsAt: inChina(one.begins.value), endsAt: inChina(one.ends.value) })),
      instructors: [...box.querySelectorAll<HTMLInputElement>("input:checked")].map((one) => one.value),
      membersOnly: members.checked,
    });
    location.assign(`/classes/${made.id}/desk`);
    return t("class-plan.done");
  });
  return sheet.form;
}

start(async () => {
  await mustBeSignedIn();
  const [, { items }] = await Promise.all([header(), get<{ items: MyOrganisation[] }>("/v1/me/organisations")]);
  const managed = items.filter((one) => one.position === "manager");
  show(at("loading"), false);
  if (!managed.length) return say(at("status"), t("class-plan.nobody"), "bad");
  at("content").append(plan(managed));
  show(at("content"));
});
