/** What another edition means for an enrolment: in a sentence, and lesson by lesson. */

import { post } from "./api.ts";
import { during, el } from "./dom.ts";
import type { Enrolment } from "./types.ts";
import { bilingual, t } from "./words.ts";

/** Who may stay may also go on; `done` draws what is there then. */
export function editionNote(enrolment: Enrolment, done: () => Promise<void>): HTMLElement | null {
  const said = enrolment.editionNote;
  if (!said) return null;
  const box = el("div", { class: "note" }, el("p", {}, bilingual(said.note)));
  if (said.kind === "may-stay") {
    const note = el("p", { role: "status", hidden: "" });
    const button = el("button", { type: "button", class: "plain" }, t("learn.go-on", { edition: said.edition }));
    button.addEventListener("click", () => {
      if (!confirm(t("learn.go-on-sure", { edition: said.edition }))) return;
      void during(button, note, async () => {
        await post("/v1/enrolments", { programme: enrolment.programme, newestEdition: true });
        await done();
      });
    });
    box.append(button, note);
  }
  return box;
}

/** Beside a lesson of the list: whether its hours came along, or would. */
export function lessonFate(enrolment: Enrolment, code: string): HTMLElement | null {
  const said = enrolment.editionNote;
  const found = said?.lessons.find((one) => one.code === code);
  if (!said || !found || said.kind === "left") return null;
  const changed = found.changed.map(bilingual).join(t("editions.comma"));
  const words = t(`learn.${said.kind}.${found.fate}`, { edition: said.edition, changed });
  return el("span", { class: "quiet fate" }, words);
}
