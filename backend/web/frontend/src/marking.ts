/** The marking desk: one answer at a time, by its rubric, from nobody known. */

import { call, get, post } from "./api.ts";
import { at, during, el, mustBeSignedIn, say, show, start } from "./dom.ts";
import { said } from "./items/rich-text.ts";
import type { RichText } from "./items/types.ts";
import { header } from "./session.ts";
import { Sheet } from "./sheet.ts";
import { type Word, t } from "./words.ts";

interface Line {
  id: string;
  text: RichText;
  points: number;
}

interface Essay {
  id: string;
  expiresAt: string;
  serverTime: string;
  case: RichText | null;
  stem: RichText;
  modelAnswer: RichText | null;
  rubric: Line[];
  points: number;
  answer: string;
  tells: string[];
}

interface Desk {
  held: Essay | null;
  waiting: number;
  waitingMost: number;
  givenToday: number;
}

const MINUTE = 60_000;
let ticking = 0;

const points = (worth: number, percent: number): number => Math.floor(Math.round(worth * percent * 100) / 100) / 100;

function counts(desk: Desk): void {
  const waiting = desk.waiting < desk.waitingMost ? String(desk.waiting) : `${desk.waitingMost}+`;
  at("counts").textContent = t("marking.counts", { waiting, given: desk.givenToday });
}

async function refresh(): Promise<void> {
  const desk = await get<Desk>("/v1/marking/desk");
  counts(desk);
  shown(desk.held, desk.waiting > 0);
}

function shown(essay: Essay | null, more: boolean): void {
  clearInterval(ticking);
  show(at("essay"), essay !== null);
  show(at("next"), essay === null && more);
  show(at("nothing"), essay === null && !more);
  if (essay) draw(essay);
}

function draw(essay: Essay): void {
  const head = essay.case === null ? [] : [said(essay.case)];
  at("question").replaceChildren(...head, said(essay.stem));
  show(at("model-part"), essay.modelAnswer !== null);
  at("model").replaceChildren(...(essay.modelAnswer === null ? [] : [said(essay.modelAnswer)]));
  at("answer").textContent = essay.answer;
  at("length").textContent = t("marking.length", { n: [...essay.answer].length });
  const tells = essay.tells.map((tell) => t(`marking.tells.${tell}` as Word)).join(t("account.and"));
  say(at("tells"), tells ? t("marking.tells", { tells }) : "");
  at("giving").replaceChildren(giving(essay));
  at("returning").replaceChildren(returning(essay));
  countDown(essay);
}

/** By the server's clock: the page knows how much of the lease was left when it was told. */
function countDown(essay: Essay): void {
  const ends = Date.now() + Date.parse(essay.expiresAt) - Date.parse(essay.serverTime);
  const tell = (): void => {
    const minutes = Math.max(0, Math.ceil((ends - Date.now()) / MINUTE));
    at("until").textContent = minutes ? t("marking.until", { n: minutes }) : t("marking.over");
  };
  tell();
  ticking = window.setInterval(tell, MINUTE / 4);
}

function giving(essay: Essay): HTMLFormElement {
  const sheet = new Sheet();
  const total = el("output", { class: "total" });
  const fields = essay.rubric.map((line, n) => {
    const name = t("marking.line", { n: n + 1, points: line.points });
    const field = sheet.field(`percents.${line.id}`, name, { type: "number", inputmode: "numeric", min: "0", max: "100", step: "1" });
    const text = said(line.text);
    text.id = `${field.id}-text`;
    field.setAttribute("aria-describedby", `${text.id} ${field.getAttribute("aria-describedby") ?? ""}`.trim());
    field.before(text);
    field.oninput = sum;
    return { line, field };
  });
  function sum(): void {
    const given = fields.reduce((all, { line, field }) => all + points(line.points, field.valueAsNumber || 0), 0);
    total.textContent = t("marking.total", { given: Math.round(given * 100) / 100, all: essay.points });
  }
  const id = "marking-comment";
  const comment = el("textarea", { id, maxlength: "2000", rows: "4", "aria-describedby": `${id}-words` });
  sheet.form.append(
    total,
    el("label", { for: id }, t("marking.comment")),
    el("p", { class: "quiet hint", id: `${id}-words` }, t("marking.comment-words")),
    comment,
  );
  sheet.submit(t("marking.give"), async () => {
    const percents = Object.fromEntries(fields.map(({ line, field }) => [line.id, field.valueAsNumber]));
    const { points: given } = await call<{ points: number }>("PUT", `/v1/marking/essays/${essay.id}/marks`, { percents, comment: comment.value.trim() });
    await finished(t("marking.given", { points: given }));
    return "";
  });
  sum();
  return sheet.form;
}

function returning(essay: Essay): HTMLFormElement {
  const sheet = new Sheet();
  const reasons = ["known-person", "unreadable", "other"] as const;
  const because = sheet.select("because", t("marking.because"), reasons.map((one) => [one, t(`marking.because.${one}`)] as const));
  sheet.submit(t("marking.return-go"), async () => {
    await post(`/v1/marking/essays/${essay.id}/return`, { because: because.value });
    await finished(t("marking.returned"));
    return "";
  });
  return sheet.form;
}

async function finished(text: string): Promise<void> {
  await refresh();
  say(at("done"), text, "good");
  at("done").focus();
}

async function next(): Promise<void> {
  const { essay } = await post<{ essay: Essay | null }>("/v1/marking/essays");
  say(at("done"), "");
  shown(essay, false);
  if (essay) at("question-head").focus();
}

start(async () => {
  await mustBeSignedIn();
  const person = await header();
  show(at("loading"), false);
  if (!person?.roles.includes("marker")) return say(at("status"), t("marking.nobody"), "bad");
  const button = at<HTMLButtonElement>("next");
  button.onclick = () => void during(button, at("status"), next);
  await refresh();
  show(at("content"));
});
