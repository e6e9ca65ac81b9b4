/** Authors: send a lecture, see what becomes of it, use it, mend it, remove it. */

import { call, get } from "./api.ts";
import { captionsForm } from "./captions-form.ts";
import { at, during, el, mustBeSignedIn, say, show, start } from "./dom.ts";
import { amount, clock, wait } from "./format.ts";
import { header } from "./session.ts";
import { reason, transfer, type Sent } from "./transfer.ts";
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
  return parts.join(" · ");
}

function remarks(lecture: Lecture): HTMLElement[] {
  const said: HTMLElement[] = [];
  const add = (text: string, tone: string): void => void said.push(el("p", { class: "remark", "data-tone": tone }, text));
  if (lecture.waiting) add(t("studio.waiting", { why: bilingual(lecture.waiting.message) }), "");
  if (lecture.failure) add(bilingual(lecture.failure.message), cancelled(lecture) ? "" : "bad");
  if (lecture.state === "uploading") add(t("studio.unfinished"), "");
  for (const part of lecture.degraded) add(t("studio.missing", { what: bilingual(part.message) }), "");
  if (lecture.sharedContent) add(t("studio.shared"), "");
  return said;
}

/** One lecture's card: built once, so that a change takes nothing out of the author's hands. */
class Card {
  readonly row = el("li", { class: "card" });
  readonly #state = el("p", { class: "quiet", role: "status" });
  readonly #bar = el("progress", { max: "100", "aria-label": t("studio.progress") });
  readonly #remarks = el("div");
  readonly #actions = el("div", { class: "actions" });
  readonly #note = el("p", { role: "status", hidden: "" });
  readonly #captions = el("div");

  constructor(lecture: Lecture) {
    this.row.append(el("h3", {}, lecture.title), this.#state, this.#bar, this.#remarks);
    this.row.append(this.#captions, this.#actions, this.#note);
    this.show(lecture);
  }

  show(lecture: Lecture): void {
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
      if (!confirm(t("studio.remove-sure", { title: lecture.title }))) return;
      await call("DELETE", path);
      this.row.remove();
      show(at("no-lectures"), !at("lectures").childElementCount);
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
    const button = el("button", { type: "button", class: "plain" }, text);
    button.addEventListener("click", () => void during(button, this.#note, work));
    return button;
  }
}

async function list(): Promise<void> {
  const { items } = await get<{ items: Lecture[] }>("/v1/lectures");
  at("lectures").replaceChildren(...items.map((lecture) => new Card(lecture).row));
  show(at("no-lectures"), !items.length);
}

function showSent({ share, speed, left }: Sent): void {
  const percent = Math.floor(share * 100);
  at<HTMLProgressElement>("sent").value = share;
  at("sent-words").textContent =
    speed === null || left === null
      ? `${percent} %`
      : t("studio.sent-words", { percent, speed: amount(speed), left: wait(left) });
}

async function send(file: File): Promise<void> {
  const ticked = (id: string): boolean => at<HTMLInputElement>(id).checked;
  const wishes = { title: at<HTMLInputElement>("title").value, av1: ticked("av1"), encrypt: ticked("encrypt") };
  const lineAway = (): void => void (at("sent-words").textContent = t("studio.line-away"));
  showSent({ share: 0, speed: null, left: null });
  show(at("transfer"));
  try {
    await transfer(file, wishes, { sent: showSent, lineAway });
    at<HTMLFormElement>("upload").reset();
    await list();
    say(at("status"), t("studio.sent"), "good");
  } catch (error) {
    say(at("status"), reason(error), "bad");
  } finally {
    show(at("transfer"), false);
  }
}

function choose(): void {
  const input = at<HTMLInputElement>("file");
  const title = at<HTMLInputElement>("title");
  const name = (): void => {
    title.value ||= (input.files?.[0]?.name ?? "").replace(/\.\w+$/, "");
  };
  input.addEventListener("change", name);
  name(); // chosen before this script was there
  at("upload").addEventListener("submit", (event) => {
    event.preventDefault();
    const file = input.files?.[0];
    if (file) void during(at<HTMLButtonElement>("send"), at("status"), () => send(file));
  });
}

start(async () => {
  await mustBeSignedIn();
  const person = await header();
  show(at("loading"), false);
  if (!person?.roles.includes("author")) return say(at("status"), t("studio.not-author"), "bad");
  choose();
  await list();
  show(at("content"));
});
