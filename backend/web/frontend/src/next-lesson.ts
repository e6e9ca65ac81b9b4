/** What may be learned next in an enrolment. */

import type { Enrolment, LessonState } from "./types.ts";

/** The compulsory lessons, then the electives. */
export const everyLesson = (enrolment: Enrolment): LessonState[] => [
  ...enrolment.lessons,
  ...enrolment.electives.flatMap((choice) => choice.lessons),
];

/** Compulsory ones first; electives as long as their hours are missing; nothing that is locked. */
export function nextLesson(enrolment: Enrolment): LessonState | undefined {
  const chosen = enrolment.electives.filter((choice) => choice.missingSeconds > 0).flatMap((choice) => choice.lessons);
  return [...enrolment.lessons, ...chosen].find((one) => one.state !== "complete" && !one.locked);
}
