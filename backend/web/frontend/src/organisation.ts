/** The desk of an organisation's managers: where its people stand, and what they are asked to do. */

import { get, post } from "./api.ts";
import { at, during, el, mustBeSignedIn, say, show, start, words } from "./dom.ts";
import { day, hours, instant } from "./format.ts";
import { assignForm, departmentsOf } from "./organisation-assign.ts";
import { STATES, hoursChart, stateBar } from "./organisation-chart.ts";
import { staffFile } from "./organisation-import.ts";
import { invitations, joining, members } from "./organisation-people.ts";
import { print, prints } from "./organisation-prints.ts";
import { save } from "./save.ts";
import { header } from "./session.ts";
import type { Assignment, Dashboard, Department, MemberStanding, MyOrganisation, Programme } from "./types.ts";
import { bilingual, t } from "./words.ts";

const LOOK_AGAIN = 3000; // milliseconds, while newer figures are being worked out
const CODES = { done: "done", underWay: "under-way", notStarted: "not-started", late: "late" } as const;
let organisation = "";
let department = "";

const path = (rest: string): string => `/v1/organisations/${organisation}${rest}`;

function tile(name: string, figure: number, words: string, state = ""): HTMLElement {
  return el("li", { "data-state": state }, el("strong", {}, figure.toLocaleString()), el("span", {}, name), el("span", { class: "quiet" }, words));
}

function tiles(board: Dashboard): HTMLElement[] {
  const { overall } = board;
  return [
    ...STATES.map((state) =>
      tile(t(`organisation.state.${state}`), overall[state], state === "late" && overall.lateNotStarted ? t("organisation.late-not-started", { n: overall.lateNotStarted }) : "", state),
    ),
    tile(t("organisation.people"), board.people, board.expected ? t("organisation.expected", { n: board.expected }) : ""),
  ];
}

function due(one: Assignment): string {
  if (one.dueOn) return t("organisation.until", { day: day(`${one.dueOn}T12:00:00+08:00`) });
  return one.dueDays ? t("organisation.until-days", { n: one.dueDays }) : t("organisation.until-none");
}

function card({ assignment: one, counts }: Dashboard["assignments"][number]): HTMLElement {
  const note = el("p", { role: "status", hidden: "" });
  const button = (text: string, work: () => Promise<void>): HTMLElement => {
    const made = el("button", { type: "button", class: "plain" }, text);
    made.onclick = () => void during(made, note, work);
    return made;
  };
  const whom = one.audience === "everyone" ? t("organisation.everyone") : one.audience === "departments" ? t("organisation.n-departments", { n: one.departments.length }) : t("organisation.n-members", { n: one.members });
  const file = (form: string): Promise<void> => save(path(`/assignments/${one.id}/export?format=${form}${department && `&departmentId=${department}`}`), `${one.programme}.${form}`);
  const withdraw = async (): Promise<void> => {
    if (!confirm(t("organisation.withdraw-sure"))) return;
    await post(path(`/assignments/${one.id}/withdrawal`));
    await draw();
  };
  return el(
    "article",
    { class: "card" },
    el("h3", {}, `${one.programme} ${bilingual(one.title)}`),
    el("p", { class: "quiet" }, [t(one.compulsory ? "organisation.is-compulsory" : "organisation.is-voluntary"), whom, due(one)].join(" · ")),
    stateBar(counts),
    el("div", { class: "actions" }, button(t("organisation.who"), () => standings(one)), button(t("organisation.excel"), () => file("xlsx")), button(t("organisation.csv"), () => file("csv")), button(t("prints.print"), () => print(organisation, one.id)), button(t("organisation.withdraw"), withdraw)),
    note,
  );
}

function person(one: MemberStanding): HTMLElement {
  const facts = [one.contact, one.department, one.dueOn && t("organisation.due-short", { day: one.dueOn }), one.doneOn && t("organisation.done-on", { day: one.doneOn })];
  const state = STATES.find((name) => CODES[name] === one.state) ?? "done";
  return el("li", {}, el("span", {}, one.name ?? "—"), el("span", { class: "state", "data-state": state }, t(`organisation.state.${state}`)), el("span", { class: "quiet" }, facts.filter(Boolean).join(" · ")));
}

/** Who stands where in an assignment; the late come first to mind, so they are chosen first. */
async function standings(one: Assignment): Promise<void> {
  const select = at<HTMLSelectElement>("state");
  const more = at<HTMLButtonElement>("more");
  let cursor = "";
  select.replaceChildren(el("option", { value: "" }, t("organisation.all")), ...STATES.map((state) => el("option", { value: CODES[state] }, t(`organisation.state.${state}`))));
  select.value = CODES.late;
  const next = async (): Promise<void> => {
    const query = `limit=50${select.value && `&state=${select.value}`}${department && `&departmentId=${department}`}${cursor}`;
    const page = await get<{ items: MemberStanding[]; nextCursor: string | null }>(path(`/assignments/${one.id}/members?${query}`));
    at("standings").append(...page.items.map(person));
    cursor = page.nextCursor ? `&cursor=${page.nextCursor}` : "";
    show(more, cursor !== "");
    show(at("nobody"), !at("standings").childElementCount);
  };
  const anew = async (): Promise<void> => {
    cursor = "";
    at("standings").replaceChildren();
    await next();
  };
  select.onchange = () => void anew();
  more.onclick = () => void during(more, at("status"), next);
  at("standings-title").textContent = t("organisation.standings", { title: bilingual(one.title) });
  show(at("standings-part"));
  await anew();
  at("standings-title").focus();
}

function departmentsTable(board: Dashboard): void {
  const open = (id: string): void => {
    department = id;
    show(at("standings-part"), false);
    void draw();
  };
  const back = el("button", { type: "button", class: "link" }, t("organisation.whole"));
  back.onclick = () => open("");
  at("within").replaceChildren(back);
  show(at("within"), department !== "");
  const heads = [t("organisation.department"), ...STATES.map((state) => t(`organisation.state.${state}`)), t("organisation.hours-short")];
  const rows = board.departments.map((line) => {
    const name = line.id && line.name ? el("button", { type: "button", class: "link" }, line.name) : el("span", {}, t("organisation.no-department"));
    if (name instanceof HTMLButtonElement) name.onclick = () => open(line.id ?? "");
    const cells = [...STATES.map((state) => String(line.counts[state])), line.seconds ? hours(line.seconds) : "0"];
    return el("tr", {}, el("th", { scope: "row" }, name), ...cells.map((text, n) => el("td", { "data-label": heads[n + 1] ?? "" }, text)));
  });  at("departments").replaceChildren(el("thead", {}, el("tr", {}, ...heads.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, ...rows));
  show(at("departments-part"), rows.length > 0 || department !== "");
}

async function draw(): Promise<void> {
  const here = organisation;
  const board = await get<Dashboard>(path(`/dashboard${department && `?departmentId=${department}`}`));
  if (here !== organisation) return;
  const told = board.asAt ? t("organisation.as-at", { moment: instant(board.asAt) }) : "";
  at("as-at").textContent = [told, board.refreshing ? t("organisation.refreshing") : ""].filter(Boolean).join(" · ");
  at("tiles").replaceChildren(...tiles(board));
  at("hours").replaceChildren(hoursChart(board.months));
  at("assignments").replaceChildren(...board.assignments.map(card));
  show(at("no-assignments"), !board.assignments.length);
  await prints(here, new Map(board.assignments.map(({ assignment: one }) => [one.id, `${one.programme} ${bilingual(one.title)}`])));
  departmentsTable(board);
  if (board.refreshing) setTimeout(() => void draw().catch(() => undefined), LOOK_AGAIN);
}

async function open(id: string): Promise<void> {
  [organisation, department] = [id, ""];
  show(at("standings-part"), false);
  at("members").replaceChildren();
  const staff = async (): Promise<Department[]> => {
    const departments = await departmentsOf(id);
    if (id === organisation) await members(id, departments);
    return departments;
  };
  const changed = async (): Promise<void> => void (await Promise.all([draw(), staff()]));
  staffFile(id, changed);
  const [programmes, departments] = await Promise.all([get<{ items: Programme[] }>("/v1/programmes"), staff(), draw(), invitations(id), joining(id, changed)]);
  assignForm(at<HTMLFormElement>("assign"), id, programmes.items, departments, draw);
}

start(async () => {
  await mustBeSignedIn();
  const [, { items }] = await Promise.all([header(), get<{ items: MyOrganisation[] }>("/v1/me/organisations")]);
  const managed = items.filter((one) => one.position === "manager");
  show(at("loading"), false);
  if (!managed[0]) return say(at("status"), t("organisation.none"), "bad");
  const which = at<HTMLSelectElement>("which");
  which.replaceChildren(...managed.map((one) => el("option", { value: one.id }, one.name)));
  const chosen = async (): Promise<void> => {
    const one = managed.find(({ id }) => id === which.value);
    const state = one?.state ?? "confirmed";
    show(at("body-links"), one?.kind === "certification-body");
    for (const page of ["checking", "desk"]) at<HTMLAnchorElement>(`body-${page}`).href = `/bodies/${one?.code}/${page}`;
    say(at("standing"), state === "confirmed" ? "" : t(`organisation.standing.${state}`));
    await open(which.value);
  };
  which.onchange = () => void chosen().catch((error: unknown) => say(at("status"), words(error), "bad"));
  show(at("which-part"));
  await chosen();
  show(at("content"));
});
