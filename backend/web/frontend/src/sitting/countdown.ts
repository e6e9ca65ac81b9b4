/** The time that is left by the server's clock, whatever this device's clock says. */

import { clock } from "../format.ts";
import { t } from "../words.ts";

const SPOKEN = [600, 60]; // seconds left at which it is said aloud, and only then
const HURRY = 60;

export class Countdown {
  private readonly place: HTMLElement;
  private readonly spoken: HTMLElement;
  private readonly over: () => void;
  /** Milliseconds by which the server's clock is ahead of this device's. */
  private ahead = 0;
  private due = 0;
  private last = 0;
  private ticking = 0;

  /** `over` is called once, when nothing is left. */
  constructor(place: HTMLElement, spoken: HTMLElement, over: () => void) {
    this.place = place;
    this.spoken = spoken;
    this.over = over;
  }

  /** Whenever the server has said what time it is. */
  sync(serverTime: string, dueAt: string): void {
    this.ahead = Date.parse(serverTime) - Date.now();
    this.due = Date.parse(dueAt);
    if (this.ticking) return;
    this.last = this.left;
    this.ticking = setInterval(() => this.tick(), 500);
    this.tick();
  }

  get left(): number {
    return (this.due - Date.now() - this.ahead) / 1000;
  }

  stop(): void {
    clearInterval(this.ticking);
  }

  private tick(): void {
    const { left } = this;
    this.place.textContent = clock(left);
    this.place.dataset["tone"] = left < HURRY ? "bad" : "";
    const due = SPOKEN.find((one) => left <= one && this.last > one);
    if (due) this.spoken.textContent = t("exam.minutes-left", { n: due / 60 });
    this.last = left;
    if (left > 0) return;
    this.stop();
    this.over();
  }
}
