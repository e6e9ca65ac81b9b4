/** My enrolments: the hours, and what comes next. */

import { beginAnew, recordOf, stateOf, titleOf, whyAnew, worthShowing } from "./anew.ts";
import { get, post } from "./api.ts";
import { at, during, el, mustBeSignedIn, show, start } from "./dom.ts";
import { editionNote, lessonFate } from "./edition-note.ts";
import { day, hours } from "./format.ts";
import { identityNotice } from "./identity.ts";
import { nextLesson } from "./next-lesson.ts";
import { decides, header } from "./session.ts";
import { drawToday } from "./today.ts";
import type { Electives, Enrolment, LessonState, MyAssignment, MyOrganisation, MyRecord, Offer, Programme } from "./types.ts";
import { bilingual, t } from "./words.ts";

function lessonRow(enrolment: Enrolment, lesson: LessonState): HTMLElement {
  if (lesson.locked) {
    const first = t("learn.first", { module: lesson.locked.module });
    return el("li", {}, el("span", { class: "code" }, lesson.code), el("span", { class: "quiet" }, bilingual(lesson.title)), el("span", { class: "state" }, first));
  }
  const link = el("a", { href: `/learn/${enrolment.programme}/${lesson.code}` }, bilingual(lesson.title));
  const state = el("span", { class: "state", "data-state": lesson.state }, t(`lesson.state.${lesson.state}`));
  return el("li", {}, el("span", { class: "code" }, lesson.code), link, state, lessonFate(enrolment, lesson.code));
}

/** Modules of one's choice: folded, as there may be many. */
function electives(enrolment: Enrolment, choice: Electives): HTMLElement {
  const words = { earned: hours(choice.earnedSeconds), asked: hours(choice.askedSeconds) };
  return el("details", { class: "electives" },
    el("summary", {}, t("learn.electives", words)),
    choice.lessons.length
      ? el("ol", { class: "lessons" }, ...choice.lessons.map((lesson) => lessonRow(enrolment, lesson)))
      : el("p", { class: "quiet" }, t("learn.electives-none")));
}

/** An older year's beside this year's is named. */
function examLink(enrolment: Enrolment): HTMLElement {
  const asked = enrolment.period ? `?enrolment=${enrolment.id}` : "";
  return el("a", { class: "button", href: `/learn/${enrolment.programme}/exam${asked}` }, t("learn.next-exam"));
}

/** Of a year that is over, or of what is to be learned anew. */
function closed(enrolment: Enrolment, record: MyRecord | undefined): (HTMLElement | null)[] {
  return [
    enrolment.exam.open && !record ? el("p", {}, examLink(enrolment)) : null,
    record ? el("p", {}, el("a", { href: `/records/${record.id}` }, t("learn.see-record")), " ", stateOf(record)) : null,
    enrolment.anew
      ? beginAnew(enrolment.programme, enrolment.anew, whyAnew(enrolment, record), () => Promise.all([draw(), drawToday()]))
      : null,
  ];
}

function nextStep(enrolment: Enrolment): HTMLElement {
  const lesson = nextLesson(enrolment);
  if (lesson)
    return el(
      "a",
      { class: "button", href: `/learn/${enrolment.programme}/${lesson.code}` },
      t("learn.next-lesson", { title: bilingual(lesson.title) }),
    );
  if (enrolment.exam.open) return examLink(enrolment);
  return el("p", { class: "note" }, enrolment.exam.whyNot && bilingual(enrolment.exam.whyNot));
}

function open(enrolment: Enrolment, record: MyRecord | undefined): (HTMLElement | null)[] {
  return [
    editionNote(enrolment, draw),
    el("ol", { class: "lessons" }, ...enrolment.lessons.map((lesson) => lessonRow(enrolment, lesson))),
    ...enrolment.electives.map((choice) => electives(enrolment, choice)),
    record
      ? el("p", {}, el("a", { class: "button", href: `/records/${record.id}` }, t("learn.see-record")), " ", stateOf(record))
      : nextStep(enrolment),
  ];
}

function card(enrolment: Enrolment, record: MyRecord | undefined, newest: boolean): HTMLElement {
  const { earnedSeconds: earned, requiredSeconds: required } = enrolment.hours;
  const bar = el("progress", { max: String(required || 1), value: String(earned) });
  bar.setAttribute("aria-label", t("learn.hours-label"));
  return el(
    "article",
    { class: "card" },
    el("h2", {}, titleOf(enrolment.title, enrolment.period)),
    el("p", { class: "quiet" }, t("learn.edition", { programme: enrolment.programme, edition: enrolment.edition })),
    el("p", {}, t("learn.hours", { earned: hours(earned), required: hours(required) })),
    bar,
    ...(newest && !enrolment.anew ? open(enrolment, record) : closed(enrolment, record)),
  );
}

function offer(programme: Programme): HTMLElement {
  const note = el("p", { role: "status", hidden: "" });
  const button = el("button", { type: "button" }, t("learn.enrol"));
  button.addEventListener("click", () => {
    void during(button, note, async () => {
      await post("/v1/enrolments", { programme: programme.code });
      await Promise.all([draw(), drawToday()]);
    });
  });
  const amount = programme.demonstration ? t("home.hours-demo") : t("home.hours", { n: programme.classHours });
  return el(
    "article",
    { class: "card" },
    el("h3", {}, bilingual(programme.title)),
    el("p", { class: "quiet" }, `${programme.code} · ${amount}`),
    programme.requires.length ? el("p", { class: "quiet" }, t("learn.record-first", { programmes: programme.requires.join(" ") })) : null,
    button,
    note,
  );
}

function recordRow(record: MyRecord): HTMLElement {
  const when = record.issuedAt ? `${record.number ?? ""} · ${day(record.issuedAt)}` : "";
  return el(
    "li",
    {},
    el("a", { href: `/records/${record.id}` }, titleOf(record.title, record.period)),
    el("span", { class: "quiet" }, when, " ", stateOf(record)),
  );
}

function assignedRow(one: MyAssignment): HTMLElement {
  const name = one.state === "under-way" ? "underWay" : one.state === "not-started" ? "notStarted" : one.state;
  const until = one.dueOn ? t("organisation.until", { day: day(`${one.dueOn}T12:00:00+08:00`) }) : t("organisation.until-none");
  const kind = t(one.compulsory ? "organisation.is-compulsory" : "organisation.is-voluntary");
  return el(
    "li",
    {},
    el("span", {}, bilingual(one.title)),
    el("span", { class: "state", "data-state": one.state === "done" ? "complete" : one.state }, t(`organisation.state.${name}`)),
    el("span", { class: "quiet" }, [one.organisation, kind, until].join(" · ")),
  );
}

/** What organisations ask of me, and the way to the desk of one that I manage. */
async function drawOrganisations(): Promise<void> {
  const [assigned, places, invited] = await Promise.all([
    get<{ items: MyAssignment[] }>("/v1/me/assignments"),
    get<{ items: MyOrganisation[] }>("/v1/me/organisations"),
    get<{ items: Offer[] }>("/v1/me/invitations"),
  ]);
  at("assigned").replaceChildren(...assigned.items.map(assignedRow));
  show(at("assigned-part"), assigned.items.length > 0);
  show(at("invited"), invited.items.length > 0);
  show(at("manages"), places.items.some((one) => one.position === "manager"));
}

async function draw(): Promise<void> {
  const [programmes, enrolments, records] = await Promise.all([
    get<{ items: Programme[] }>("/v1/programmes"),
    get<{ items: Enrolment[] }>("/v1/enrolments"),
    get<{ items: MyRecord[] }>("/v1/records"),
  ]);
  const taken = new Set(enrolments.items.map((enrolment) => enrolment.programme));
  const offers = programmes.items.filter((programme) => programme.open && !taken.has(programme.code));
  const newest = (one: Enrolment) => enrolments.items.find((other) => other.programme === one.programme) === one;
  at("enrolments").replaceChildren(
    ...worthShowing(enrolments.items, records.items).map((one) => card(one, recordOf(one, records.items), newest(one))),
  );
  show(at("none"), !enrolments.items.length);
  at("offers").replaceChildren(...offers.map(offer));
  show(at("offers-part"), offers.length > 0);
  at("records").replaceChildren(...records.items.map(recordRow));
  show(at("records-part"), records.items.length > 0);
}

const nothing = async (): Promise<void> => {};

/** Revocations on which I can be the second person. */
async function drawWaiting(): Promise<void> {
  const { forYou } = await get<{ forYou: number }>("/v1/revocations?limit=1");
  at("decisions-waiting").querySelector("a")!.textContent = t("decisions.for-you", { n: forYou >= 100 ? "99+" : forYou });
  show(at("decisions-waiting"), forYou > 0);
}

start(async () => {
  await mustBeSignedIn();
  const whoami = header();
  await drawToday(); // one call, shown before the rest is asked for
  show(at("loading"), false);
  show(at("content"));
  const person = await whoami;
  const learning = person?.roles.includes("learner") === false ? nothing : draw; // staff may not learn here
  const deciding = person && decides(person) ? drawWaiting : nothing;
  await Promise.all([learning(), drawOrganisations(), deciding()]);
  await identityNotice(person, learning);
});
