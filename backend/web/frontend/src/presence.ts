/** A presence check: a question about the lesson, with the video paused and a minute to answer. */

import { get, post } from "./api.ts";
import { at, el, say, show, words } from "./dom.ts";
import { clock } from "./format.ts";
import type { PresenceCheck } from "./types.ts";
import { bilingual, t } from "./words.ts";

const dialog = (): HTMLDialogElement => at<HTMLDialogElement>("presence");
const SPOKEN = new Set([30, 10]); // seconds left at which a screen reader says so; the rest is seen

export class Presence {
  asking = false;
  private readonly video: HTMLVideoElement;
  private path = "";
  private until = 0;
  private ticking = 0;
  private done: (check: PresenceCheck) => void = () => {};

  constructor(video: HTMLVideoElement) {
    this.video = video;
    at("presence-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.step(() => this.send());
    });
    dialog().addEventListener("cancel", (event) => event.preventDefault()); // Escape is no answer
    video.addEventListener("play", () => {
      if (this.asking) video.pause();
    });
  }

  /** Shows the question; what came of it once the learner has read that, too. */
  async ask(id: string): Promise<PresenceCheck> {
    this.asking = true;
    this.path = `/v1/presence-checks/${id}`;
    this.video.pause();
    const ended = new Promise<PresenceCheck>((done) => (this.done = done));
    for (const part of ["presence-question", "presence-left", "presence-go-on"]) show(at(part), false);
    show(at("presence-words"));
    say(at("presence-note"), "");
    this.button(t("presence.send"));
    dialog().showModal();
    void this.step(async () => this.draw(await get<PresenceCheck>(this.path)));
    try {
      return await ended;
    } finally {
      this.asking = false;
    }
  }

  /** A line that breaks is said, and tried again by the same button. */
  private async step(work: () => Promise<void>): Promise<void> {
    const button = at<HTMLButtonElement>("presence-send");
    button.disabled = true;
    try {
      await work();
    } catch (error) {
      say(at("presence-note"), words(error), "bad");
      this.button(t("presence.retry"));
    } finally {
      button.disabled = false;
    }
  }

  private async send(): Promise<void> {
    const option = new FormData(at<HTMLFormElement>("presence-form")).get("presence");
    if (at("presence-question").hidden) return this.draw(await get<PresenceCheck>(this.path));
    if (option === null) return say(at("presence-note"), t("presence.choose"), "bad");
    const check = await post<PresenceCheck>(`${this.path}/answer`, { option });
    if (check.state === "open") say(at("presence-note"), t("presence.wrong"), "bad");
    this.draw(check);
  }

  private draw(check: PresenceCheck): void {
    this.button(t("presence.send"));
    if (check.state === "open") return this.drawQuestion(check);
    clearInterval(this.ticking);
    if (check.state === "passed") return this.close(check);
    const lost = check.lost[0];
    const from = clock(lost?.fromSecond ?? 0);
    const minutes = Math.ceil((lost?.seconds ?? 0) / 60);
    for (const part of ["presence-words", "presence-question", "presence-left"]) show(at(part), false);
    show(at("presence-send"), false);
    say(at("presence-note"), lost ? t("presence.missed", { at: from, n: minutes }) : t("presence.missed-elsewhere"), "bad");
    const go = at<HTMLButtonElement>("presence-go-on");
    go.textContent = t("presence.again-from", { at: from });
    go.onclick = () => this.close(check);
    show(go);
    go.focus();
  }

  private drawQuestion(check: PresenceCheck): void {
    this.until = performance.now() + check.secondsLeft * 1000;
    const part = at("presence-question");
    if (check.question && part.hidden) {
      at("presence-stem").textContent = bilingual(check.question.stem);
      at("presence-options").replaceChildren(
        ...check.question.options.map((one) =>
          el("label", { class: "option" }, el("input", { type: "radio", name: "presence", value: one.id }), el("span", {}, one.text)),
        ),
      );
      say(at("presence-note"), "");
      show(part);
      part.querySelector("input")?.focus();
    }
    clearInterval(this.ticking);
    this.ticking = setInterval(() => this.tick(), 1000);
    this.tick();
  }

  /** At the end the server is asked what it has made of it: its clock decides, not this one. */
  private tick(): void {
    const left = Math.max(0, Math.ceil((this.until - performance.now()) / 1000));
    const shown = at("presence-left");
    shown.setAttribute("aria-live", SPOKEN.has(left) ? "polite" : "off");
    shown.textContent = t("presence.left", { n: left });
    show(shown);
    if (left) return;
    clearInterval(this.ticking);
    setTimeout(() => void this.step(async () => this.draw(await get<PresenceCheck>(this.path))), 6000);
  }

  private button(text: string): void {
    const button = at<HTMLButtonElement>("presence-send");
    button.textContent = text;
    show(button);
  }

  private close(check: PresenceCheck): void {
    clearInterval(this.ticking);
    dialog().close();
    this.done(check);
  }
}
