/** A lecture's title, and the form in its place while the author changes it. */

import { call } from "./api.ts";
import { during, el, say, show } from "./dom.ts";
import type { Lecture } from "./types.ts";
import { t } from "./words.ts";

export class LectureTitle {
  readonly part = el("div", { class: "lecture-title" });
  readonly #text = el("h3");
  readonly #change = el("button", { type: "button", class: "link" }, t("studio.rename"));
  readonly #form = el("form", { hidden: "", novalidate: "" });
  readonly #input = el("input", { maxlength: "200" });
  readonly #save = el("button", {}, t("studio.rename-save"));
  readonly #note = el("p", { class: "wrong", role: "status", hidden: "" });
  readonly #path: string;

  constructor(lecture: Lecture) {
    this.#path = `/v1/lectures/${lecture.id}`;
    this.#text.id = `title-${lecture.id}`;
    this.#change.setAttribute("aria-describedby", this.#text.id);
    const leave = el("button", { type: "button", class: "plain" }, t("studio.rename-leave"));
    this.#input.setAttribute("aria-describedby", (this.#note.id = `title-wrong-${lecture.id}`));
    this.#form.append(el("label", {}, t("studio.name"), this.#input), this.#note);
    this.#form.append(el("div", { class: "actions" }, this.#save, leave));
    this.part.append(this.#text, this.#change, this.#form);
    this.show(lecture.title);
    this.#change.addEventListener("click", () => this.#open());
    leave.addEventListener("click", () => this.#close());
    this.#form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#close();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
  }

  /** Of the heading, for buttons that are many on the page. */
  get id(): string {
    return this.#text.id;
  }

  get text(): string {
    return this.#text.textContent ?? "";
  }

  show(title: string): void {
    this.#text.textContent = title;
  }

  #open(): void {
    this.#input.value = this.text;
    this.#wrong("");
    this.#turn(true);
    this.#input.select();
  }

  #close(): void {
    this.#turn(false);
    this.#change.focus();
  }

  #turn(open: boolean): void {
    show(this.#form, open);
    show(this.#text, !open);
    show(this.#change, !open);
  }

  #wrong(text: string): void {
    say(this.#note, text, "bad");
    this.#input.setAttribute("aria-invalid", String(text !== ""));
    if (text) this.#input.focus();
  }

  async #send(): Promise<void> {
    const title = this.#input.value.trim();
    if (!title) return this.#wrong(t("studio.title-empty"));
    await during(this.#save, this.#note, async () => {
      this.show((await call<Lecture>("PATCH", this.#path, { title })).title);
      this.#close();
    });
  }
}
