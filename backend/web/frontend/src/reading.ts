/** Reading, where a lesson's rule asks for it: the page says that the text is before the learner, the
 * server's clock counts. A hidden page does not count, and says so when it is left. */

import { call } from "./api.ts";
import { at, say, show } from "./dom.ts";
import { clock } from "./format.ts";
import type { Reading } from "./types.ts";
import { t } from "./words.ts";

const AGAIN = 20; // seconds until a call that failed is made again

export class ReadingTime {
  private readonly path: string;
  private readonly enrolmentId: string;
  private readonly done: () => void;
  private readonly listening = new AbortController();
  private left: number;
  private countingSince: number | null = null; // by performance.now()
  private again = 0;
  private ticking = 0;
  private line: Promise<void> = Promise.resolve();

  /** `left`: seconds; `done` is called once they are read. */
  constructor(lesson: string, enrolmentId: string, left: number, done: () => void) {
    this.path = `/v1/lessons/${lesson}/reading`;
    this.enrolmentId = enrolmentId;
    this.left = left;
    this.done = done;
  }

  begin(): void {
    const { signal } = this.listening;
    document.addEventListener("visibilitychange", () => this.say(document.hidden), { signal });
    addEventListener("pagehide", () => this.say(true), { signal });
    this.ticking = window.setInterval(() => this.draw(), 1000);
    show(at("reading"));
    this.say(document.hidden);
  }

  /** One call at a time: leaving and coming back must not overtake each other. */
  private say(leaving: boolean): void {
    clearTimeout(this.again);
    this.line = this.line.then(() => this.tell(leaving));
  }

  private async tell(leaving: boolean): Promise<void> {
    if (this.listening.signal.aborted) return;
    const body = { enrolmentId: this.enrolmentId, leaving };
    const said = await call<Reading>("POST", this.path, body, leaving).catch(() => null);
    this.countingSince = said && !leaving ? performance.now() : null;
    if (said) this.left = said.neededSeconds - said.readSeconds;
    if (said && this.left <= 0) return this.end();
    if (!leaving) this.again = window.setTimeout(() => this.say(false), (said?.againInSeconds ?? AGAIN) * 1000);
    this.draw();
  }

  private draw(): void {
    const since = this.countingSince === null ? 0 : (performance.now() - this.countingSince) / 1000;
    const left = clock(Math.ceil(Math.max(0, this.left - since)));
    at("reading").textContent = t(this.countingSince === null ? "lesson.reading-stopped" : "lesson.reading", { left });
  }

  private end(): void {
    this.listening.abort();
    clearInterval(this.ticking);
    at("reading").removeAttribute("role");
    at("reading").textContent = "";
    show(at("reading"), false);
    say(at("reading-done"), t("lesson.reading-done"), "good");
    this.done();
  }
}
