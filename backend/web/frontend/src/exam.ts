/** The exam: the server's clock, answers kept on this device until the server has them. */

import { Offline, Problem, call, get, post } from "./api.ts";
import { at, during, el, mustBeSignedIn, say, show, start, words } from "./dom.ts";
import { clock } from "./format.ts";
import { type Answers, answers, fieldset, unanswered } from "./questions.ts";
import { header } from "./session.ts";
import type { Attempt, Choice, Enrolment, MyRecord, Outcome } from "./types.ts";
import { bilingual, t } from "./words.ts";

const { programme = "" } = at("exam").dataset;
const form = at<HTMLFormElement>("paper");
const dialog = at<HTMLDialogElement>("confirm");
const POLL = 1000; // milliseconds between looks for the record

const choice = (picked: string[]): Choice => ({ kind: "choice", picked });

function picks(attempt: Attempt): Answers {
  return Object.fromEntries(
    attempt.answers.map((one) => [attempt.items[one.position - 1]?.id ?? "", one.answer.picked]),
  );
}

class Sitting {
  private readonly attempt: Attempt;
  /** Milliseconds by which the server's clock is ahead of this device's. */
  private readonly ahead: number;
  private readonly key: string;
  private ticking = 0;
  private sent = false;
  private sequence: number;

  constructor(attempt: Attempt) {
    this.attempt = attempt;
    this.sequence = attempt.nextSequence;
    this.ahead = Date.parse(attempt.serverTime) - Date.now();
    this.key = `guanbiao.answers.${attempt.id}`;
    const here = JSON.parse(localStorage.getItem(this.key) ?? "{}") as Answers;
    const kept = { ...picks(attempt), ...here };
    at("items").replaceChildren(
      ...attempt.items.map((item, i) =>
        fieldset(item, i + 1, kept[item.id], ` · ${t("exam.points", { n: item.points })}`),
      ),
    );
    this.listen();
    this.tick();
    this.ticking = setInterval(() => this.tick(), 1000);
  }

  private listen(): void {
    form.addEventListener("change", (event) => {
      localStorage.setItem(this.key, JSON.stringify(answers(form, this.attempt.items)));
      this.count();
      void this.save((event.target as HTMLInputElement).name);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const left = unanswered(answers(form, this.attempt.items));
      at("confirm-words").textContent = left ? t("exam.confirm-left", { n: left }) : t("exam.confirm-all");
      dialog.showModal();
    });
    at("confirm-no").addEventListener("click", () => dialog.close());
    at("confirm-yes").addEventListener("click", () => {
      dialog.close();
      void this.submit();
    });
    this.count();
  }

  /** On the server too, so that another device can go on. If that fails, submission brings it. */
  private async save(item: string): Promise<void> {
    const path = `/v1/attempts/${this.attempt.id}/answers`;
    const body = { sitting: this.attempt.sitting, answers: [this.numbered(item)] };
    await call("PUT", path, body).catch((error: unknown) => {
      if (!(error instanceof Offline)) say(at("exam-note"), words(error), "bad");
    });
  }

  private numbered(item: string): { position: number; sequence: number; answer: Choice } {
    const position = 1 + this.attempt.items.findIndex((one) => one.id === item);
    const picked = answers(form, this.attempt.items)[item] ?? [];
    return { position, sequence: this.sequence++, answer: choice(picked) };
  }

  private count(): void {
    const all = this.attempt.items.length;
    const done = all - unanswered(answers(form, this.attempt.items));
    at("answered").textContent = t("exam.answered", { n: done, all });
  }

  private tick(): void {
    const left = (Date.parse(this.attempt.dueAt) - Date.now() - this.ahead) / 1000;
    at("timer").textContent = clock(left);
    at("timer").dataset["tone"] = left < 60 ? "bad" : "";
    if (left <= 1 && !this.sent) void this.submit();
  }

  private async submit(): Promise<void> {
    this.sent = true;
    await during(at<HTMLButtonElement>("submit"), at("exam-note"), async () => {
      try {
        const given = this.attempt.items.map((item) => this.numbered(item.id));
        const body = { sitting: this.attempt.sitting, answers: given };
        await finished(await post<Outcome>(`/v1/attempts/${this.attempt.id}/submission`, body));
        clearInterval(this.ticking);
        localStorage.removeItem(this.key);
      } catch (error) {
        if (error instanceof Offline) this.whenOnline();
        throw error instanceof Offline ? new Problem(0, "kept", t("exam.kept")) : error;
      }
    });
  }

  private whenOnline(): void {
    addEventListener("online", () => void this.submit(), { once: true });
  }
}

async function finished(outcome: Outcome): Promise<void> {
  show(form, false);
  show(at("result"));
  const tone = outcome.passed ? "good" : "bad";
  say(at("verdict"), t(outcome.passed ? "exam.passed" : "exam.failed"), tone);
  at("score").textContent = t("exam.score", { score: outcome.score, pass: outcome.passMark });
  at("result").focus();
  if (outcome.recordDue) void awaitRecord();
  else if (outcome.passed) say(at("record-note"), t("exam.no-record"));
}

async function awaitRecord(): Promise<void> {
  say(at("record-note"), t("exam.record-coming"));
  const mine = await get<{ items: MyRecord[] }>("/v1/records").catch(() => ({ items: [] }));
  const record = mine.items.find((one) => one.programme === programme);
  if (!record || record.state === "due") return void setTimeout(() => void awaitRecord(), POLL);
  const waits = record.state === "waiting-for-identity";
  if (waits) say(at("record-note"), t("record.waits-for-identity"));
  else if (record.url) say(at("record-note"), t("exam.record-issued", { number: record.number ?? "" }), "good");
  else return say(at("record-note"), record.whyWaiting ?? t(`record.state.${record.state}`), "bad");
  at("record-link").replaceChildren(
    el("a", { class: "button", href: `/records/${record.id}` }, t("exam.see-record")),
  );
}

function begin(enrolment: Enrolment): void {
  const button = at<HTMLButtonElement>("begin");
  button.addEventListener("click", () => {
    void during(button, at("status"), async () => {
      new Sitting(await post<Attempt>("/v1/attempts", { enrolmentId: enrolment.id }));
      show(at("rules"), false);
      show(form);
      at("items").querySelector("input")?.focus();
    });
  });
}

start(async () => {
  await mustBeSignedIn();
  const [, mine] = await Promise.all([header(), get<{ items: Enrolment[] }>("/v1/enrolments")]);
  const enrolment = mine.items.find((one) => one.programme === programme);
  show(at("loading"), false);
  if (!enrolment) return say(at("closed"), t("exam.not-enrolled"), "bad");
  if (enrolment.exam.whyNot) return say(at("closed"), bilingual(enrolment.exam.whyNot), "bad");
  begin(enrolment);
  show(at("rules"));
});

addEventListener("unhandledrejection", (event) => say(at("status"), words(event.reason), "bad"));
