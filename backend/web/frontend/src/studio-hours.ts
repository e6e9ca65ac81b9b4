/** Whether programmes can open: what their lessons are worth, and which lectures are too short. */

import { get } from "./api.ts";
import { at, el, say, words } from "./dom.ts";
import { clock } from "./format.ts";
import type { EditionHours, HoursOfProgramme, HoursOfRequirement } from "./types.ts";
import { bilingual, t } from "./words.ts";

const minutes = (seconds: number): number => Math.floor(seconds / 60);

function shortLessons(one: HoursOfRequirement): HTMLElement {
  const name = one.elective ? t("studio.electives") : one.modules.join(" ");
  const sums = t("studio.worth", {
    module: name,
    worth: minutes(one.lessonsSeconds + one.classSeconds),
    asked: minutes(one.askedSeconds),
    missing: Math.ceil(one.missingSeconds / 60),
  });
  const lessons = one.short.map((lesson) =>
    el("li", {}, t(lesson.lectureSeconds === null ? "studio.no-lecture" : "studio.short", {
      lesson: lesson.code,
      worth: clock(lesson.worthSeconds),
      needed: clock(lesson.lectureNeededSeconds),
      has: clock(lesson.lectureSeconds ?? 0),
    })));
  return lessons.length
    ? el("li", {}, el("details", {}, el("summary", {}, sums), el("ul", {}, ...lessons)))
    : el("li", {}, sums);
}

function programme(one: HoursOfProgramme): HTMLElement {
  const state = el("span", { class: "state", "data-state": one.whyNotOpen ? "open" : "complete" }, t(one.whyNotOpen ? "studio.closed" : "studio.open"));
  const lacking = one.requirements.filter((part) => part.missingSeconds > 0);
  return el("li", {},
    el("p", { class: "row" }, el("span", { class: "code" }, one.programme), el("strong", {}, bilingual(one.title)), state),
    one.whyNotOpen ? el("p", {}, bilingual(one.whyNotOpen)) : null,
    lacking.length ? el("details", {}, el("summary", {}, t("studio.which", { n: Math.ceil(one.missingSeconds / 60) })), el("ul", {}, ...lacking.map(shortLessons))) : null);
}

/** Asked for when somebody opens it. */
export function programmesThatOpen(): void {
  const part = at<HTMLDetailsElement>("hours-part");
  part.addEventListener("toggle", () => {
    if (!part.open || at("hours").childElementCount) return;
    get<EditionHours>("/v1/edition-hours")
      .then(({ programmes }) => at("hours").replaceChildren(...programmes.map(programme)))
      .catch((error: unknown) => say(at("hours-note"), words(error), "bad"));
  });
}
