/** One lecture as its author sees it: where it stands, what to know of it, what can be done. */

import { call } from "./api.ts";
import { captionsForm } from "./captions-form.ts";
import { at, during, el, say, show } from "./dom.ts";
import { clock, wait } from "./format.ts";
import { LectureTitle } from "./lecture-title.ts";
import type { Lecture } from "./types.ts";
import { watch } from "./watch.ts";
import { bilingual, t, type Word } from "./words.ts";

const lesson = at("studio").dataset["lesson"] ?? "";
const STEPS = ["download", "probe", "loudness", "encode", "join", "package", "poster", "extras", "check", "publish"];

const cancelled = (lecture: Lecture): boolean => lecture.failure?.code === "cancelled";

function situation(lecture: Lecture): string {
  const parts = [t(cancelled(lecture) ? "lecture.state.cancelled" : `lecture.state.${lecture.state}`)];
  if (lecture.state === "queued" && lecture.behind !== null)
    parts.push(lecture.behind ? t("studio.behind", { count: lecture.behind }) : t("studio.next"));
  if (lecture.state === "processing") {
    if (lecture.step && STEPS.includes(lecture.step)) parts.push(t(`studio.step.${lecture.step}` as Word));
    parts.push(`${lecture.percent} %`);
    if (lecture.remainingSeconds) parts.push(t("studio.left", { left: wait(lecture.remainingSeconds) }));
  }
  if (lecture.durationSeconds) parts.push(clock(lecture.durationSeconds));
  if (lecture.renditions.some((one) => one.name.endsWith("-av1"))) parts.push("AV1");
  if (lecture.wishes.encrypt) parts.push(t("studio.encrypted"));
  return parts.join(" · ");
}

function remarks(lecture: Lecture): HTMLElement[] {
  const said: HTMLElement[] = [];
  const add = (text: string, tone: string): void => void said.push(el("p", { class: "remark", "data-tone": tone }, text));
  if (lecture.waiting) add(t("studio.waiting", { why: bilingual(lecture.waiting.message) }), "");
  if (lecture.failure) add(bilingual(lecture.failure.message), cancelled(lecture) ? "" : "bad");
  if (lecture.state === "uploading") add(t("studio.unfinished"), "");
  for (const part of lecture.degraded) add(t("studio.missing", { what: bilingual(part.message) }), "");
  for (const what of new Set(lecture.advice.map((one) => bilingual(one.message)))) add(t("studio.advice", { what }), "");
  if (lecture.sharedContent) add(t("studio.shared"), "");
  return said;
}

/** One lecture's card: built once, so that a change takes nothing out of the author's hands. */
export class LectureCard {
  readonly row = el("li", { class: "card" });
  readonly #title: LectureTitle;
  readonly #state = el("p", { class: "quiet", role: "status" });
  readonly #bar = el("progress", { max: "100", "aria-label": t("studio.progress") });
  readonly #remarks = el("div");
  readonly #actions = el("div", { class: "actions" });
  readonly #note = el("p", { role: "status", hidden: "" });
  readonly #captions = el("div");
  readonly #removed: () => void;

  constructor(lecture: Lecture, removed: () => void) {
    this.#removed = removed;
    this.#title = new LectureTitle(lecture);
    this.row.append(this.#title.part, this.#state, this.#bar, this.#remarks);
    this.row.append(this.#captions, this.#actions, this.#note);
    this.show(lecture);
  }

  show(lecture: Lecture): void {
    this.#title.show(lecture.title);
    this.#state.textContent = situation(lecture);
    this.#bar.value = lecture.percent;
    show(this.#bar, lecture.state === "queued" || lecture.state === "processing");
    this.#remarks.replaceChildren(...remarks(lecture));
    if (this.row.dataset["state"] === lecture.state) return;
    this.row.dataset["state"] = lecture.state;
    this.#actions.replaceChildren(...this.#buttons(lecture));
    this.#captions.replaceChildren(...(lecture.state === "playable" ? [captionsForm(lecture.id)] : []));
    if (lecture.state === "queued" || lecture.state === "processing")
      watch(lecture.id, (changed) => this.show(changed));
  }

  #buttons(lecture: Lecture): HTMLElement[] {
    const path = `/v1/lectures/${lecture.id}`;
    const again = async (action: string): Promise<void> => this.show(await call<Lecture>("POST", `${path}/${action}`));
    const remove = async (): Promise<void> => {
      if (!confirm(t("studio.remove-sure", { title: this.#title.text }))) return;
      await call("DELETE", path);
      this.row.remove();
      this.#removed();
    };
    const use = async (): Promise<void> => {
      await call("PUT", `/v1/lessons/${lesson}/lecture`, { lectureId: lecture.id, demonstration: true });
      say(this.#note, t("studio.used", { lesson }), "good");
    };
    return [
      ...(lecture.state === "playable" && lesson ? [this.#button(t("studio.use", { lesson }), use)] : []),
      ...(lecture.retryable ? [this.#button(t("studio.retry"), () => again("retry"))] : []),
      ...(lecture.state === "queued" || lecture.state === "processing"
        ? [this.#button(t("studio.cancel"), () => again("cancellation"))]
        : [this.#button(t("studio.remove"), remove)]),
    ];
  }

  #button(text: string, work: () => Promise<void>): HTMLElement {
    const button = el("button", { type: "button", class: "plain", "aria-describedby": this.#title.id }, text);
    button.addEventListener("click", () => void during(button, this.#note, work));
    return button;
  }
}
