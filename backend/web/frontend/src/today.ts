/** The head of "My learning": all of it from one call, so that a phone on a bad line shows it first. */

import { beginAnew, titleOf } from "./anew.ts";
import { call, get, post } from "./api.ts";
import { deviceId } from "./device.ts";
import { at, during, el, show } from "./dom.ts";
import { clock, day, hours } from "./format.ts";
import type { Home, HomeEnrolment, NextStep } from "./types.ts";
import { bilingual, t } from "./words.ts";

const dayOf = (date: string): string => day(`${date}T12:00:00+08:00`);

/** Assigned: one tap enrols. What is not open yet says why beside the button. */
function enrolling(programme: string, words: string): HTMLElement {
  const note = el("p", { role: "status", hidden: "" });
  const button = el("button", { type: "button" }, words);
  button.addEventListener("click", () => {
    void during(button, note, async () => {
      await post("/v1/enrolments", { programme });
      location.reload();
    });
  });
  return el("div", {}, button, note);
}

/** Assignments not begun, but for the one that is the next step. */
function asked(home: Home): HTMLElement[] {
  const next = home.next?.step === "enrol" ? home.next.programme : null;
  return home.assignments.filter((one) => one.programme !== next).map((one) =>
    el("li", {},
      el("p", {}, el("strong", {}, bilingual(one.title)), el("span", { class: "quiet" }, ` ${one.organisation}`)),
      enrolling(one.programme, t("learn.enrol"))));
}

/** An older year's stands beside this year's. */
function examLink(next: NextStep, home: Home): HTMLElement {
  const year = home.enrolments.find((one) => one.id === next.enrolmentId)?.period;
  const words = year ? t("today.exam-of-year", { year }) : t("today.exam");
  return el("a", { class: "button", href: `/learn/${next.programme}/exam?enrolment=${next.enrolmentId}` }, words);
}

function nextStep(home: Home): HTMLElement {
  const { next } = home;
  if (!next) return el("p", { class: "quiet" }, home.enrolments.some((one) => one.anew) ? "" : t("today.nothing"));
  const title = next.title ? bilingual(next.title) : next.programme;
  if (next.step === "enrol") return enrolling(next.programme, t("today.enrol-now", { title }));
  if (next.step === "exam") return examLink(next, home);
  const words = next.resumeSecond
    ? t("today.resume", { title, at: clock(next.resumeSecond) })
    : t("today.lesson", { title });
  return el("a", { class: "button", href: `/learn/${next.programme}/${next.lesson}` }, words);
}

function due(mine: HomeEnrolment): HTMLElement | null {
  if (!mine.dueOn || mine.finished) return null;
  const word = mine.overdue ? "today.overdue" : "today.due";
  const state = mine.overdue ? "late" : "open";
  return el("span", { class: "state", "data-state": state }, t(word, { day: dayOf(mine.dueOn) }));
}

function planForm(mine: HomeEnrolment): HTMLElement {
  const id = `plan-${mine.id}`;
  const field = el("input", { type: "date", id, value: mine.finishBy ?? "" });
  const button = el("button", { type: "submit" }, t("today.save"));
  const note = el("p", { role: "status", hidden: "" });
  const form = el(
    "form",
    { class: "inline" },
    el("label", { for: id }, t("today.plan-label")),
    el("span", { class: "row" }, field, button),
    note,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void during(button, note, async () => {
      await call("PUT", `/v1/enrolments/${mine.id}/plan`, { finishBy: field.value || null });
      await drawToday();
    });
  });
  return el("details", {}, el("summary", {}, t("today.plan")), form);
}

function enrolment(mine: HomeEnrolment): HTMLElement {
  const bar = el("progress", { max: "100", value: String(mine.percent) });
  bar.setAttribute("aria-label", t("learn.hours-label"));
  const missing = mine.anew ? null : mine.finished ? t("today.finished") : mine.missing && bilingual(mine.missing);
  return el(
    "li",
    {},
    el("span", { class: "row" }, el("strong", {}, titleOf(mine.title, mine.period)), el("span", {}, `${mine.percent} %`), due(mine)),
    bar,
    missing ? el("p", { class: "quiet" }, missing) : null,
    mine.anew ? beginAnew(mine.programme, mine.anew, t(`today.anew-${mine.anew}`, { year: mine.period ?? "" }), async () => location.reload()) : null,
    mine.finished || mine.anew ? null : planForm(mine),
  );
}

export async function drawToday(): Promise<void> {
  const home = await get<Home>("/v1/home");
  const elsewhere = home.watching && home.watching.deviceId !== deviceId() ? home.watching : null;
  at("next").replaceChildren(nextStep(home));
  show(at("elsewhere"), elsewhere !== null);
  at("elsewhere").textContent = elsewhere ? t("today.elsewhere", { lesson: elsewhere.lesson }) : "";
  at("year").textContent = t("today.year", { year: home.hours.year, hours: hours(home.hours.seconds) });
  const more = home.unread >= 100 ? "99+" : home.unread;
  at("notices-link").textContent = home.unread ? t("today.unread", { n: more }) : t("today.notices");
  const others = asked(home);
  at("asked").replaceChildren(...others);
  show(at("asked-part"), others.length > 0);
  at("going").replaceChildren(...home.enrolments.map(enrolment));
}
