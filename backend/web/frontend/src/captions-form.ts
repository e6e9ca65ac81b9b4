/** Captions of one playable lecture: which there are, a new file, what a recogniser hears. */

import { call, get } from "./api.ts";
import { during, el, say, show } from "./dom.ts";
import { save } from "./save.ts";
import type { Captions, CaptionsList, CaptionsTaken } from "./types.ts";
import { bilingual, t } from "./words.ts";

const LOOK = 3000; // milliseconds between looks at a recognition that was asked for
const LANGUAGES = new Map([
  ["zh-Hans", "简体中文"],
  ["zh-Hant", "繁體中文"],
  ["en", "English"],
]);
const ORIGINS = { upload: null, file: "studio.origin.file", recognised: "studio.origin.recognised" } as const;

class CaptionsForm {
  readonly whole = el("details", {}, el("summary", {}, t("studio.captions")));
  readonly #path: string;
  readonly #tracks = el("ul", { class: "plain tracks" });
  readonly #asked = el("ul", { class: "plain tracks", role: "status" });
  readonly #language = el("select", {}, ...[...LANGUAGES].map(([code, name]) => el("option", { value: code }, name)));
  readonly #file = el("input", { type: "file", accept: ".srt,.vtt,.ass,.ssa,text/vtt", required: "" });
  readonly #send = el("button", { class: "plain" }, t("studio.captions-send"));
  readonly #recognise = el("button", { type: "button", class: "plain", hidden: "" }, t("studio.recognise"));
  readonly #hint = el("p", { class: "quiet", hidden: "" }, t("studio.recognise-hint"));
  readonly #note = el("p", { role: "status", hidden: "" });
  readonly #remarks = el("div");
  #look = 0;

  constructor(lectureId: string) {
    this.#path = `/v1/lectures/${lectureId}/captions`;
    const form = el("form", { class: "captions" }, el("label", {}, t("studio.captions-language"), this.#language));
    form.append(el("label", {}, t("studio.captions-file"), this.#file));
    form.append(el("div", { class: "actions" }, this.#send, this.#recognise), this.#hint, this.#note, this.#remarks);
    this.whole.append(this.#tracks, this.#asked, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = this.#file.files?.[0];
      if (chosen) void this.#during(this.#send, () => this.#take(chosen, form));
    });
    this.#recognise.addEventListener("click", () => void this.#ask(this.#recognise, this.#language.value));
    this.whole.addEventListener("toggle", () => {
      if (this.whole.open) void this.#during(this.#send, () => this.#list());
    });
  }

  #during(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
    this.#remarks.replaceChildren();
    return during(button, this.#note, work);
  }

  async #take(file: File, form: HTMLFormElement): Promise<void> {
    const language = this.#language.value;
    const taken = await call<CaptionsTaken>("PUT", `${this.#path}/${language}`, file);
    const word = taken.changed ? "studio.captions-taken" : "studio.captions-same";
    say(this.#note, t(word, { count: taken.cues }), "good");
    if (taken.remarks.length) {
      const told = taken.remarks.map((remark) => el("li", {}, bilingual(remark.message)));
      this.#remarks.replaceChildren(el("p", { class: "remark" }, t("studio.captions-remarks")), el("ul", {}, ...told));
    }
    form.reset();
    this.#language.value = language;
    await this.#list();
  }

  #ask(button: HTMLButtonElement, language: string): Promise<void> {
    return this.#during(button, async () => {
      await call("POST", `${this.#path}/${language}/recognition`);
      await this.#list();
    });
  }

  async #list(): Promise<void> {
    clearTimeout(this.#look);
    const found = await get<CaptionsList>(this.#path);
    this.#tracks.replaceChildren(...found.items.map((track) => this.#track(track)));
    const failed = found.notRecognised.map((one) => {
      const line = el("li", {}, t("studio.not-recognised", { label: one.label, why: bilingual(one.message) }));
      if (found.recogniser) line.append(this.#again(one.language));
      return line;
    });
    const running = found.recognising.map((tag) => el("li", {}, t("studio.recognising", { label: LANGUAGES.get(tag) ?? tag })));
    this.#asked.replaceChildren(...running, ...failed);
    show(this.#recognise, found.recogniser);
    show(this.#hint, found.recogniser);
    if (running.length) this.#look = window.setTimeout(() => void this.#lookAgain(), LOOK);
  }

  /** Quietly: a line that is away for a moment is no news. */
  async #lookAgain(): Promise<void> {
    if (!this.whole.open || !this.whole.isConnected) return;
    await this.#list().catch(() => (this.#look = window.setTimeout(() => void this.#lookAgain(), LOOK)));
  }

  #again(language: string): HTMLElement {
    const button = el("button", { type: "button", class: "link" }, t("studio.recognise-again"));
    button.addEventListener("click", () => void this.#ask(button, language));
    return button;
  }

  #track(track: Captions): HTMLElement {
    const { language, label } = track;
    const origin = ORIGINS[track.origin];
    const fetched = this.#link(t("studio.captions-download"), t("studio.captions-download-named", { label }), () =>
      save(`${this.#path}/${language}?format=srt`, `captions.${language}.srt`),
    );
    const removed = this.#link(t("studio.captions-remove"), t("studio.captions-remove-named", { label }), async () => {
      if (!confirm(t("studio.captions-remove-sure", { label }))) return;
      await call("DELETE", `${this.#path}/${language}`);
      await this.#list();
    });
    const text = t("studio.captions-one", { label, count: track.cues }) + (origin ? t(origin) : "");
    return el("li", {}, el("span", {}, text), fetched, removed);
  }

  #link(text: string, named: string, work: () => Promise<void>): HTMLElement {
    const button = el("button", { type: "button", class: "link", "aria-label": named }, text);
    button.addEventListener("click", () => void this.#during(button, work));
    return button;
  }
}

export const captionsForm = (lectureId: string): HTMLElement => new CaptionsForm(lectureId).whole;
