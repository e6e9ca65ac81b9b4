/** An administrator finds a learner and corrects hours of lessons, each time with a reason. */

import { Problem, post } from "./api.ts";
import { at, during, el, mustBeSignedIn, say, show, start } from "./dom.ts";
import { hours } from "./format.ts";
import { hoursList } from "./hours-list.ts";
import { after } from "./redraw.ts";
import { header } from "./session.ts";
import type { HoursEntry } from "./types.ts";
import { t } from "./words.ts";

const SHORTEST_REASON = 4;

interface Choice {
  value: string;
  label: string;
  most: number;
  sign: 1 | -1;
}

/** What may be done with an entry: take back what is left, give back what was taken. */
function choices(entry: HoursEntry): Choice[] {
  const left = entry.leftSeconds ?? 0;
  const taken = entry.seconds - left;
  const found: Choice[] = [
    { value: "take", label: t("hours.take-back", { hours: hours(left) }), most: left, sign: -1 },
    { value: "give", label: t("hours.give-back", { hours: hours(taken) }), most: taken, sign: 1 },
  ];
  return found.filter((one) => one.most > 0);
}

class Correction {
  private readonly path: string;
  private readonly entry: HoursEntry;
  private readonly corrected: (form: HTMLElement) => Promise<void>;
  private readonly what: HTMLSelectElement;
  private readonly minutes = el("input", { type: "number", min: "1", step: "1", inputmode: "numeric" });
  private readonly reason = el("input", { maxlength: "500", autocomplete: "off" });
  private readonly send = el("button", {}, t("hours.correct"));
  private readonly note = el("p", { role: "status", hidden: "" });
  private readonly wrong = el("p", { class: "hint", role: "alert", hidden: "" });

  constructor(path: string, entry: HoursEntry, corrected: (form: HTMLElement) => Promise<void>) {
    this.path = path;
    this.entry = entry;
    this.corrected = corrected;
    const options = choices(entry).map((one) => el("option", { value: one.value }, one.label));
    this.what = el("select", {}, ...options);
  }

  form(): HTMLElement {
    this.wrong.id = `wrong-${this.entry.id}`;
    this.reason.setAttribute("aria-describedby", this.wrong.id);
    const form = el("form", { method: "post", novalidate: "" },
      el("p", {}, el("label", {}, `${t("hours.what")} `, this.what)),
      el("label", {}, t("hours.minutes"), this.minutes),
      el("label", {}, t("hours.reason"), this.reason),
      this.wrong,
      this.send,
      this.note);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit(form);
    });
    return el("details", { "data-keep": "correct" }, el("summary", {}, t("hours.correct")), form);
  }

  /** Left empty, all of it. */
  private seconds(choice: Choice): number {
    return this.minutes.value ? Math.round(Number(this.minutes.value) * 60) : choice.most;
  }

  private submit(form: HTMLElement): void {
    const choice = choices(this.entry).find((one) => one.value === this.what.value);
    if (!choice) return;
    const reason = this.reason.value.trim();
    say(this.wrong, "");
    this.reason.removeAttribute("aria-invalid");
    if (reason.length < SHORTEST_REASON) {
      say(this.wrong, t("hours.reason-missing"), "bad");
      this.reason.setAttribute("aria-invalid", "true");
      this.reason.focus();
      return;
    }
    const seconds = this.seconds(choice) * choice.sign;
    const amount = hours(Math.abs(seconds));
    if (!confirm(t(choice.sign < 0 ? "hours.take-sure" : "hours.give-sure", { hours: amount }))) return;
    void during(this.send, this.note, async () => {
      await post(`${this.path}/${this.entry.id}/corrections`, { seconds, reason });
      await this.corrected(form);
    });
  }
}

async function open(learner: { id: string; name: string }): Promise<void> {
  const path = `/v1/learners/${learner.id}/hours`;
  const list = hoursList(path, (entry) => (choices(entry).length ? correction(entry) : null));
  const correction = (entry: HoursEntry): HTMLElement =>
    new Correction(path, entry, (form) =>
      after(form, async () => {
        await list.draw();
        say(at("entries-note"), t("hours.corrected"), "good");
      }, at("learner"))).form();
  at("learner").textContent = learner.name;
  say(at("entries-note"), "");
  await list.draw();
  show(at("found"));
  at("learner").focus();
}

function find(): void {
  const login = at<HTMLInputElement>("login");
  const go = at<HTMLButtonElement>("find-go");
  at("find").addEventListener("submit", (event) => {
    event.preventDefault();
    show(at("found"), false);
    if (!login.value.trim()) return say(at("find-note"), t("hours.login-missing"), "bad");
    void during(go, at("find-note"), async () => open(await post("/v1/learner-queries", { login: login.value.trim() })));
  });
}

start(async () => {
  await mustBeSignedIn();
  const person = await header();
  show(at("loading"), false);
  if (!person?.roles.includes("administrator"))
    throw new Problem(403, "forbidden", t(person?.rolesWaiting.includes("administrator") ? "hours.desk-second-factor" : "hours.desk-not-yours"));
  find();
  show(at("content"));
});
