/** Practice: each answer is told about at once, and nothing of it counts. */

import { get, post } from "./api.ts";
import { at, during, el, mustBeSignedIn, say, show, start, words } from "./dom.ts";
import { blank } from "./items/answered.ts";
import { type Feedback, tell } from "./items/feedback.ts";
import type { Field } from "./items/field.ts";
import { drawItem, kindAndPoints } from "./items/item.ts";
import type { Answer, ShownItem } from "./items/types.ts";
import { header } from "./session.ts";
import type { Enrolment } from "./types.ts";
import { t } from "./words.ts";

interface Told {
  position: number;
  /** As it was given first. */
  answer: Answer;
  feedback: Feedback;
}

interface Paper {
  id: string;
  items: ShownItem[];
  answered: Told[];
}

const { programme = "" } = at("practice").dataset;
const KEPT = `guanbiao.practice.${programme}`; // of this tab: a reload goes on where it was
const button = at<HTMLButtonElement>("check");

class Practice {
  private readonly paper: Paper;
  private readonly told: Map<number, Told>;
  private position = 0;
  private field: Field | null = null;

  constructor(paper: Paper) {
    this.paper = paper;
    this.told = new Map(paper.answered.map((one) => [one.position, one]));
    button.addEventListener("click", () => void during(button, at("note"), () => this.check()));
    at("next").addEventListener("click", () => this.go(this.position + 1));
    this.go(Math.min(this.told.size + 1, paper.items.length));
  }

  private get item(): ShownItem {
    return this.paper.items[this.position - 1]!;
  }

  private go(to: number): void {
    const all = this.paper.items.length;
    if (to > all) return this.finish();
    this.position = to;
    const told = this.told.get(to);
    const title = el("h2", { id: "item-title", tabindex: "-1" }, t("exam.item-of", { n: to, all }), " ", el("span", { class: "kind" }, kindAndPoints(this.item)));
    this.field = drawItem(this.item, told?.answer, { name: `item-${to}`, labelledBy: "item-title" });
    at("item").replaceChildren(title, this.field.element);
    at("item").dataset["item"] = this.item.id;
    at("feedback").replaceChildren();
    say(at("note"), "");
    this.draw(told);
    title.focus({ preventScroll: true });
    at("paper").scrollIntoView({ block: "nearest" });
  }

  private async check(): Promise<void> {
    const answer = this.field!.answer();
    if (blank(answer)) return say(at("note"), t("practice.answer-first"), "bad");
    const told = await post<Told>(`/v1/practice-papers/${this.paper.id}/answers`, { position: this.position, answer });
    this.told.set(this.position, told);
    this.draw(told);
    at("feedback").focus();
  }

  private draw(told: Told | undefined): void {
    const drawn = this.field!.element;
    drawn.classList.toggle("answered", told !== undefined);
    for (const input of drawn.querySelectorAll<HTMLInputElement>("input, select, textarea, button")) input.disabled = told !== undefined;
    if (told) at("feedback").replaceChildren(tell(this.item, told.answer, told.feedback, drawn));
    show(button, !told);
    show(at("next"), told !== undefined);
    at("next").textContent = t(this.position === this.paper.items.length ? "practice.finish" : "exam.next");
  }

  private finish(): void {
    sessionStorage.removeItem(KEPT);
    const right = [...this.told.values()].filter((one) => one.feedback.right).length;
    show(at("paper"), false);
    show(at("done"));
    at("done-words").textContent = t("practice.done", { n: right, all: this.paper.items.length });
    at("done").focus();
  }
}

async function begin(enrolmentId: string): Promise<void> {
  const kept = sessionStorage.getItem(KEPT);
  const paper =
    (kept && (await get<Paper>(`/v1/practice-papers/${kept}`).catch(() => null))) ||
    (await post<Paper>("/v1/practice-papers", { enrolmentId }));
  sessionStorage.setItem(KEPT, paper.id);
  show(at("intro"), false);
  show(at("paper"));
  new Practice(paper);
}

start(async () => {
  await mustBeSignedIn();
  const [, mine] = await Promise.all([header(), get<{ items: Enrolment[] }>("/v1/enrolments")]);
  const enrolment = mine.items.find((one) => one.programme === programme);
  show(at("loading"), false);
  if (!enrolment) return say(at("status"), t("exam.not-enrolled"), "bad");
  const first = at<HTMLButtonElement>("begin");
  first.addEventListener("click", () => void during(first, at("status"), () => begin(enrolment.id)));
  at("again").addEventListener("click", () => location.reload());
  if (sessionStorage.getItem(KEPT)) await begin(enrolment.id);
  else show(at("intro"));
});

addEventListener("unhandledrejection", (event) => say(at("status"), words(event.reason), "bad"));
