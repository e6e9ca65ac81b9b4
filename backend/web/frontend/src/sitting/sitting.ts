/** An attempt under way: one item at a time, every answer saved as it is given. */

import { Offline, Problem } from "../api.ts";
import { at, el, say, show, words } from "../dom.ts";
import { type Standing, standing } from "../items/answered.ts";
import type { Field } from "../items/field.ts";
import { drawItem, kindAndPoints } from "../items/item.ts";
import type { Answer, ShownItem } from "../items/types.ts";
import { bilingual, t } from "../words.ts";
import { type Attempt, type Outcome, look, save, submit } from "./attempts.ts";
import { Card } from "./card.ts";
import { Countdown } from "./countdown.ts";
import { Desk } from "./desk.ts";
import { type Kept, Saver, type Verdict } from "./saver.ts";
import { LEFT, clear } from "./papers.ts";
import { shelf } from "./shelf.ts";

const TYPING = 3000; // milliseconds after which what is being typed is sent
const AGAIN = 3000; // milliseconds between tries to hand in

export interface Endings {
  finished(outcome: Outcome, inTime: boolean): void;
  takenOver(): void;
}

export class Sitting {
  private readonly attempt: Attempt;
  private readonly endings: Endings;
  private readonly desk: Desk;
  private readonly countdown: Countdown;
  private readonly card: Card;
  private readonly fields = new Map<number, Field>();
  private readonly refused = new Map<number, string>();
  private readonly listening = new AbortController();
  private answers = new Map<number, Answer>();
  private saver!: Saver;
  private typing = 0;
  private handingIn = false;
  private cut = false;

  /** `alone`: from this device's own copy, as there is no network. */
  static async open(attempt: Attempt, endings: Endings, alone: boolean): Promise<void> {
    const sitting = new Sitting(attempt, endings);
    sitting.cut = alone;
    if (alone) say(at("line"), t("exam.line-away"));
    await sitting.begin();
  }

  private constructor(attempt: Attempt, endings: Endings) {
    this.attempt = attempt;
    this.endings = endings;
    this.desk = new Desk(attempt.id);
    this.card = new Card(at("card-items"), attempt.items.length, (to) => this.go(to));
    this.countdown = new Countdown(at("timer"), at("spoken"), () => void this.handIn());
  }

  private async begin(): Promise<void> {
    const { id, nextSequence, answers, items, serverTime, dueAt } = this.attempt;
    this.saver = new Saver(id, nextSequence ?? 0, await shelf(), (batch, closing) => this.send(batch, closing), {
      waiting: (problem) => this.line(problem),
      refused: (verdict) => this.refuse(verdict),
      stopped: (problem) => void this.stopped(problem),
    });
    this.answers = await this.saver.open(answers);
    this.listen();
    this.countdown.sync(serverTime, dueAt);
    this.go(Math.min(Math.max(1, this.desk.position), items.length));
    for (let n = 1; n <= items.length; n++) this.field(n); // formulas and images, while there is a line
  }

  private async send(batch: Kept[], closing: boolean): Promise<Verdict[]> {
    const { answers, serverTime } = await save(this.attempt, batch, closing);
    this.countdown.sync(serverTime, this.attempt.dueAt);
    return answers;
  }

  private listen(): void {
    const { signal } = this.listening;
    at("item").addEventListener("input", () => this.changed(true), { signal });
    at("item").addEventListener("change", () => this.changed(false), { signal });
    at("previous").addEventListener("click", () => this.go(this.position - 1), { signal });
    at("next").addEventListener("click", () => this.go(this.position + 1), { signal });
    at("mark").addEventListener("click", () => this.mark(), { signal });
    at("paper").addEventListener("submit", (event) => this.ask(event), { signal });
    at("confirm-yes").addEventListener("click", () => void this.handIn(), { signal });
    addEventListener("online", () => this.online(), { signal });
    addEventListener("pagehide", () => this.saver.last(), { signal });
    addEventListener(LEFT, () => this.leave(() => undefined), { signal }); // nothing is written any more
    document.addEventListener("visibilitychange", () => this.seen(), { signal });
  }

  private online(): void {
    if (this.cut) this.line(null); // where nothing waits, no delivery will say so
    void this.saver.flush();
  }

  /** A phone that sleeps has not counted; what waits goes out before it does. */
  private seen(): void {
    if (!document.hidden) return this.desk.look();
    this.desk.leave();
    void this.saver.flush();
  }

  private get position(): number {
    return this.desk.position;
  }

  private item(position: number): ShownItem {
    return this.attempt.items[position - 1]!;
  }

  private go(to: number): void {
    const all = this.attempt.items.length;
    if (to < 1 || to > all) return;
    this.desk.go(to);
    if (!this.cut) say(at("line"), "");
    const title = el("h2", { id: "item-title", tabindex: "-1" }, t("exam.item-of", { n: to, all }), " ");
    title.append(el("span", { class: "kind" }, kindAndPoints(this.item(to))));
    at("item").replaceChildren(title, this.field(to).element);
    at("item").dataset["item"] = this.item(to).id;
    at("previous").setAttribute("aria-disabled", String(to === 1));
    at("next").setAttribute("aria-disabled", String(to === all));
    at("next").classList.toggle("plain", to === all);
    at("submit").classList.toggle("plain", to !== all);
    at("paper").dispatchEvent(new Event("turned"));
    title.focus({ preventScroll: true });
    at("paper").scrollIntoView({ block: "nearest" });
    this.draw();
  }

  private field(position: number): Field {
    const place = { name: `item-${position}`, labelledBy: "item-title" };
    const made = this.fields.get(position) ?? drawItem(this.item(position), this.answers.get(position), place);
    this.fields.set(position, made);
    return made;
  }

  /** Kept on this device at once; sent when it is whole, or now and then while somebody types. */
  private changed(typing: boolean): void {
    const answer = this.field(this.position).answer();
    if (JSON.stringify(answer) !== JSON.stringify(this.answers.get(this.position))) {
      this.answers.set(this.position, answer);
      this.refused.delete(this.position);
      this.saver.put(this.position, answer, this.desk.spent);
    }
    if (!typing) void this.saver.flush();
    else this.typing ||= setTimeout(() => this.sendTyped(), TYPING);
  }

  private sendTyped(): void {
    this.typing = 0;
    void this.saver.flush();
  }

  private mark(): void {
    this.desk.mark();
    this.draw();
  }

  private standing(position: number): Standing {
    return standing(this.item(position), this.answers.get(position));
  }

  private draw(): void {
    const cells = this.attempt.items.map((_, n) => ({
      standing: this.standing(n + 1),
      marked: this.desk.marked(n + 1),
      unsaved: this.saver.waitsFor(n + 1) || this.refused.has(n + 1),
    }));
    this.card.draw(cells, this.position);
    const n = cells.filter((one) => one.standing === "answered").length;
    at("answered").textContent = t("exam.answered", { n, all: cells.length });
    at("mark").setAttribute("aria-pressed", String(this.desk.marked(this.position)));
    this.drawSaved(this.position);
  }

  private drawSaved(position: number): void {
    const wrong = this.refused.get(position);
    if (wrong) return say(at("saved"), wrong, "bad");
    if (this.saver.waitsFor(position)) return say(at("saved"), t(this.cut ? "exam.kept-here" : "exam.saving"));
    say(at("saved"), this.standing(position) === "open" ? "" : t("exam.saved"), "good");
  }

  /** A gap in the line is no alarm: it is said once, calmly, and so is its end. */
  private line(problem: unknown): void {
    const was = this.cut;
    this.cut = problem !== null || (was && this.saver.unsent.length > 0);
    if (problem !== null) say(at("line"), t(problem instanceof Offline ? "exam.line-away" : "exam.line-busy"));
    else if (was && !this.cut) say(at("line"), t("exam.line-back"), "good");
    this.draw();
  }

  private refuse({ position, why }: Verdict): void {
    this.refused.set(position, why ? bilingual(why) : t("error.unexpected"));
    this.draw();
  }

  private ask(event: Event): void {
    event.preventDefault();
    const places = this.attempt.items.map((_, n) => n + 1);
    const open = places.filter((one) => this.standing(one) !== "answered");
    const marked = places.filter((one) => this.desk.marked(one));
    const unsent = this.saver.unsent.length;
    const lines = [open.length ? t("exam.confirm-left", { n: open.length, items: open.join(t("exam.list")) }) : t("exam.confirm-all")];
    if (marked.length) lines.push(t("exam.confirm-marked", { items: marked.join(t("exam.list")) }));
    if (unsent) lines.push(t("exam.confirm-unsaved", { n: unsent }));
    lines.push(t("exam.confirm-final"));
    at("confirm-words").replaceChildren(...lines.map((line) => el("p", {}, line)));
    at<HTMLDialogElement>("confirm").showModal();
  }

  /** Until the server has answered: handing in twice is the same as once. */
  private async handIn(): Promise<void> {
    at<HTMLDialogElement>("confirm").close();
    if (this.handingIn) return;
    this.handingIn = true;
    const inTime = this.countdown.left > 0;
    at<HTMLButtonElement>("submit").disabled = true;
    at("item").inert = true; // what is changed now would not be handed in
    say(at("exam-note"), t(inTime ? "exam.handing-in" : "exam.time-up"));
    try {
      this.end(await submit(this.attempt, this.saver.unsent), inTime);
    } catch (error) {
      this.handingIn = false;
      await this.notHandedIn(error);
    }
  }

  private async notHandedIn(error: unknown): Promise<void> {
    if (!(error instanceof Problem) || error.status >= 500 || error.status === 429) {
      say(at("exam-note"), error instanceof Offline ? t("exam.kept") : words(error));
      return void setTimeout(() => void this.handIn(), AGAIN);
    }
    if (error.code !== "unfit-answer") return this.stopped(error);
    const places = Object.keys(error.fields).map((name) => Number(name.replace("answers.", "")));
    for (const place of places) this.refused.set(place, error.message);
    await this.saver.discard(places);
    this.free();
    this.draw();
    say(at("exam-note"), error.message, "bad");
    if (this.countdown.left <= 0) await this.handIn(); // without what does not fit
  }

  /** Handed in elsewhere, ended by the server's clock, or another device goes on. */
  private async stopped(problem: Problem): Promise<void> {
    if (problem.code === "taken-over") return this.leave(() => this.endings.takenOver());
    const seen = await look(this.attempt.id).catch(() => null);
    if (seen?.result) return this.end(seen.result, seen.state === "submitted");
    say(at("exam-note"), problem.message, "bad");
    setTimeout(() => void this.stopped(problem), AGAIN);
  }

  private end(outcome: Outcome, inTime: boolean): void {
    this.desk.forget();
    void clear(this.attempt.id).catch(console.error);
    this.leave(() => this.endings.finished(outcome, inTime));
  }

  private leave(then: () => void): void {
    this.saver.stop();
    this.countdown.stop();
    this.listening.abort();
    clearTimeout(this.typing);
    at<HTMLDialogElement>("confirm").close();
    show(at("paper"), false);
    this.free();
    then();
  }

  private free(): void {
    at<HTMLButtonElement>("submit").disabled = false;
    at("item").inert = false;
    say(at("exam-note"), "");
  }
}
