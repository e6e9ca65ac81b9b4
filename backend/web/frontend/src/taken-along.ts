/** What was taken along on this device: how much room it takes, until when it counts, what waits. */

import { learnerHere } from "./along.ts";
import { refresh } from "./api.ts";
import { at, during, el, say, show, start } from "./dom.ts";
import { amount } from "./format.ts";
import { handIn } from "./handing-in.ts";
import { header } from "./session.ts";
import { seconds } from "./stretch.ts";
import { discard, stateWords } from "./take-along.ts";
import { type Taken, allDone, allTaken, canKeep } from "./taken-store.ts";
import { t } from "./words.ts";

function row(lesson: Taken, unsent: number): HTMLElement {
  const link = el("a", { href: `/learn/${lesson.programme}/${lesson.lesson}` }, lesson.title || lesson.lesson);
  const facts = [stateWords(lesson)];
  if (unsent) facts.push(t(seconds(lesson.standing.waiting) ? "along.waits-for-answer" : "along.waits-for-line"));
  const note = el("p", { role: "status", hidden: "" });
  const button = el("button", { type: "button", class: "plain" }, t("along.delete"));
  button.setAttribute("aria-label", t("along.delete-this", { title: lesson.title }));
  button.addEventListener("click", () => void during(button, note, async () => void ((await discard(lesson)) && (await draw(lesson.learner)))));
  return el("li", {}, el("div", {}, el("strong", {}, link), el("p", { class: "quiet" }, facts.join(" · ")), note), button);
}

async function draw(learner: string): Promise<void> {
  const [lessons, done] = await Promise.all([allTaken(learner), allDone(learner)]);
  const unsent = (lesson: Taken): number => done.filter((one) => one.key === lesson.key).length;
  at("taken").replaceChildren(...lessons.map((lesson) => row(lesson, unsent(lesson))));
  show(at("none"), lessons.length === 0);
  const room = lessons.reduce((sum, one) => sum + one.size, 0);
  at("room").textContent = lessons.length ? t("along.room", { n: lessons.length, size: amount(room) }) : "";
  show(at("hand-in"), done.length > 0);
}

async function sendNow(learner: string): Promise<void> {
  const outcome = await handIn(learner);
  say(at("hand-in-note"), outcome ? outcome.words || t("along.nothing-new") : t("along.waits"), outcome?.lost || !outcome ? "bad" : "good");
  await draw(learner);
}

start(async () => {
  const online = await refresh().catch(() => false); // without a network the list is here all the same
  if (online) await header();
  else show(at("signed-out"), learnerHere() === null);
  const learner = learnerHere();
  if (learner && canKeep()) await draw(learner);
  else show(at("none"));
  const button = at<HTMLButtonElement>("hand-in");
  if (learner) {
    button.addEventListener("click", () => void during(button, at("hand-in-note"), () => sendNow(learner)));
    addEventListener("online", () => void sendNow(learner));
  }
  show(at("loading"), false);
  show(at("content"));
});
