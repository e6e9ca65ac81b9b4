/** The exam of a programme: its rules, the attempt, its outcome. */

import { Offline, Problem, get } from "./api.ts";
import { at, during, mustBeSignedIn, say, show, start, words } from "./dom.ts";
import { header } from "./session.ts";
import { type Attempt, type Outcome, begin, history, takeUp } from "./sitting/attempts.ts";
import { marked } from "./sitting/marked.ts";
import { showHistory, showOutcome } from "./sitting/outcome.ts";
import { clear, keepPaper, paperHere } from "./sitting/papers.ts";
import { Sitting } from "./sitting/sitting.ts";
import type { Enrolment } from "./types.ts";
import { bilingual, t } from "./words.ts";

const { programme = "" } = at("exam").dataset;
const UNDER_WAY = `guanbiao.sitting.${programme}`; // this tab was in it: a reload goes on by itself

let attemptId = "";
let learner: string | null = null; // not known without a network

/** An attempt that ended meanwhile has its outcome instead. */
async function sit(taken: Promise<Attempt>, alone = false): Promise<void> {
  const attempt = await taken;
  show(at("rules"), false);
  show(at("history"), false);
  show(at("taken-over"), false);
  attemptId = attempt.id;
  sessionStorage.setItem(UNDER_WAY, attempt.id);
  if (attempt.result) await clear(attempt.id).catch(console.error);
  if (attempt.result) {
    finished(attempt.result, attempt.state === "submitted");
    return at("marked").replaceChildren(...(await marked(attempt.id)));
  }
  show(at("paper"));
  at("main").classList.add("wide");
  if (learner) void keepPaper(learner, programme, attempt).catch(console.error); // no room: the server has it
  await Sitting.open(attempt, { finished, takenOver }, alone);
}

function left(): void {
  at("main").classList.remove("wide");
  sessionStorage.removeItem(UNDER_WAY);
}

function finished(outcome: Outcome, inTime: boolean): void {
  left();
  showOutcome(outcome, inTime, programme);
}

function takenOver(): void {
  left();
  show(at("taken-over"));
  at("taken-over").focus();
}

function onPress(id: string, attempt: () => Promise<Attempt>): void {
  const button = at<HTMLButtonElement>(id);
  button.addEventListener("click", () => void during(button, at("status"), () => sit(attempt())));
}

function card(): void {
  const toggle = at("card-toggle");
  const open = (shown: boolean): void => {
    toggle.setAttribute("aria-expanded", String(shown));
    at("card").dataset["open"] = String(shown);
  };
  open(false);
  toggle.addEventListener("click", () => open(toggle.getAttribute("aria-expanded") !== "true"));
  at("paper").addEventListener("turned", () => open(false));
  at("confirm-no").addEventListener("click", () => at<HTMLDialogElement>("confirm").close());
}

/** Whether this tab was in the exam, and its person still is. */
async function wentOn(): Promise<boolean> {
  const underWay = sessionStorage.getItem(UNDER_WAY);
  if (!underWay) return false;
  try {
    await sit(takeUp(underWay));
    return true;
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 404) throw error;
    sessionStorage.removeItem(UNDER_WAY); // somebody else's, who used this tab before
    return false;
  }
}

/** Without a network, the paper that was open on this device; what is answered goes out later. */
async function goesOnAlone(): Promise<boolean> {
  try {
    await mustBeSignedIn();
    return false;
  } catch (error) {
    const kept = error instanceof Offline ? await paperHere(programme).catch(() => null) : null;
    if (!kept) throw error;
    addEventListener("online", () => void header(), { once: true });
    ready();
    await sit(Promise.resolve(kept), true);
    return true;
  }
}

function ready(): void {
  show(at("loading"), false);
  card();
  onPress("go-on-here", () => takeUp(attemptId));
}

start(async () => {
  if (await goesOnAlone()) return;
  const [person, mine] = await Promise.all([header(), get<{ items: Enrolment[] }>("/v1/enrolments")]);
  learner = person?.id ?? null;
  const asked = new URLSearchParams(location.search);
  const named = asked.get("enrolment"); // an older year's, beside this year's
  const enrolment = mine.items.find((one) => one.programme === programme && (!named || one.id === named));
  ready();
  if (enrolment?.period) say(at("of-year"), t("exam.of-year", { year: enrolment.period }));
  if (!enrolment) return say(at("closed"), t("exam.not-enrolled"), "bad");
  onPress("begin", () => begin(enrolment.id, (why) => say(at("status"), why.message)));
  const attempt = asked.get("attempt");
  if (attempt) return sit(get<Attempt>(`/v1/attempts/${encodeURIComponent(attempt)}`));
  if (await wentOn()) return;
  const attempts = await history(enrolment.id);
  const open = attempts.some((one) => one.state === "open");
  showHistory(attempts);
  if (attempts.some((one) => one.passed)) return say(at("closed"), t("exam.passed-before"), "good");
  if (open) at("begin").textContent = t("exam.go-on");
  if (!open && enrolment.exam.whyNot) return say(at("closed"), bilingual(enrolment.exam.whyNot), "bad");
  show(at("rules"));
});

addEventListener("unhandledrejection", (event) => say(at("status"), words(event.reason), "bad"));
