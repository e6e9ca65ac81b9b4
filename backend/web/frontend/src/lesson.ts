/** A lesson: watch, read, answer. Every number shown is the server's. */

import { learnerHere } from "./along.ts";
import { beginAnew } from "./anew.ts";
import { Offline, call, get, maybeSignedIn, post, refresh } from "./api.ts";
import { deviceId } from "./device.ts";
import { at, during, el, mustBeSignedIn, say, show, start, words } from "./dom.ts";
import { clock, hours } from "./format.ts";
import { handIn } from "./handing-in.ts";
import { OfflineWatching, closeStretch } from "./offline-watching.ts";
import { Outbox, uuid7 } from "./outbox.ts";
import { Player } from "./player.ts";
import { Presence } from "./presence.ts";
import { answers, fieldset, unanswered } from "./questions.ts";
import { Menus } from "./menus.ts";
import { everyLesson, nextLesson } from "./next-lesson.ts";
import { ReadingTime } from "./reading.ts";
import { Seeker } from "./seeker.ts";
import { header } from "./session.ts";
import { firstGap } from "./spans.ts";
import { seconds } from "./stretch.ts";
import { TakeAlong, hasEnded, stateWords } from "./take-along.ts";
import { canKeep, keyOf, taken } from "./taken-store.ts";
import { mountTranscript } from "./transcript.ts";
import type { CheckResult, Enrolment, Heartbeat, LessonState, PlaySession, Question, Verdicts } from "./types.ts";
import { bilingual, t } from "./words.ts";

const { programme = "", lesson: code = "" } = at("lesson").dataset;
const video = at<HTMLVideoElement>("video");
const PATIENCE = 8000; // milliseconds, where the lesson is on this device anyway

const stateIn = (enrolment: Enrolment): LessonState | undefined =>
  everyLesson(enrolment).find((lesson) => lesson.code === code);

const newSession = (enrolment: Enrolment): Promise<PlaySession> =>
  post<PlaySession>("/v1/play-sessions", { enrolmentId: enrolment.id, lesson: code, deviceId: deviceId() });

function drawWatched(watched: number, duration: number | null): void {
  const bar = at<HTMLProgressElement>("watched");
  bar.max = duration || 1;
  bar.value = watched;
  at("watched-words").textContent = t("lesson.watched", { watched: clock(watched), duration: clock(duration ?? 0) });
}

function drawState(enrolment: Enrolment): void {
  const lesson = stateIn(enrolment);
  if (!lesson) return;
  const badge = at("state");
  badge.textContent = t(`lesson.state.${lesson.state}`);
  badge.dataset["state"] = lesson.state;
  drawWatched(lesson.watchedSeconds, lesson.durationSeconds);
  const { earnedSeconds: earned, requiredSeconds: required } = enrolment.hours;
  at("hours").textContent = t("learn.hours", { earned: hours(earned), required: hours(required) });
  at("to-go").textContent = lesson.whyNot ? bilingual(lesson.whyNot) : "";
  show(at("to-go"), Boolean(lesson.whyNot));
  show(at("done"), lesson.state === "complete");
  show(at("exam-link"), enrolment.exam.open);
  const next = nextLesson(enrolment);
  const link = at<HTMLAnchorElement>("next-link");
  show(link, next !== undefined && next.code !== code);
  if (next) link.href = `/learn/${programme}/${next.code}`;
}

class Watching {
  private readonly player: Player;
  private readonly outbox: Outbox;
  private readonly presence = new Presence(video);
  private readonly enrolment: Enrolment;
  private session: PlaySession;

  static async begin(enrolment: Enrolment, session: PlaySession, learner: string): Promise<void> {
    let watching: Watching | null = null;
    const player = await Player.open(video, at("note"), session, () => watching!.anew());
    watching = new Watching(enrolment, session, player, learner);
    const menus = new Menus(player);
    player.choices = () => menus.draw();
    void new Seeker(player, video, session.durationSeconds).loadPictures(session.storyboardUrl);
  }

  private constructor(enrolment: Enrolment, session: PlaySession, player: Player, learner: string) {
    this.enrolment = enrolment;
    this.session = session;
    this.player = player;
    this.player.free = stateIn(enrolment)?.state !== "open";
    this.outbox = new Outbox(localStorage, `guanbiao.heartbeats.${learner}`, this.send, {
      answered: (verdicts) => this.answered(verdicts),
      waiting: (count, problem) => this.waiting(count, problem),
      refused: (_, problem) => say(at("note"), words(problem), "bad"),
    });
    drawWatched(stateIn(enrolment)?.watchedSeconds ?? 0, session.durationSeconds);
    this.listen();
  }

  private listen(): void {
    setInterval(() => void this.beat(), this.session.heartbeatSeconds * 1000);
    for (const name of ["pause", "ended"]) video.addEventListener(name, () => void this.beat());
    addEventListener("online", () => void this.beat());
    addEventListener("pagehide", () => {
      this.collect();
      this.outbox.last();
    });
    document.addEventListener("visibilitychange", () => void this.beat());
    at("gap").addEventListener("click", () => void this.fillGap());
    const back = at<HTMLButtonElement>("take-back");
    back.addEventListener("click", () => void during(back, at("note"), () => this.takeBack()));
    const { readingSeconds } = this.session;
    if (readingSeconds > 0) new ReadingTime(code, this.enrolment.id, readingSeconds, () => void this.reload()).begin();
    void this.beat(); // what an earlier visit could not send
  }

  private readonly send = (events: Heartbeat[], closing: boolean): Promise<Verdicts> =>
    call<Verdicts>("POST", "/v1/heartbeats", { events }, closing);

  private collect(): void {
    const session = this.session.id;
    this.outbox.add(
      this.player.take().map(([fromSecond, toSecond]) => ({ id: uuid7(), playSessionId: session, fromSecond, toSecond })),
    );
  }

  private beat(): Promise<void> {
    this.collect();
    return this.outbox.flush();
  }

  private waiting(count: number, problem: unknown): void {
    if (count) say(at("note"), t("lesson.waiting", { why: problem instanceof Offline ? "" : words(problem) }), "bad");
    else if (at("note").dataset["tone"] === "bad") say(at("note"), t("lesson.sent"), "good");
  }

  private answered(verdicts: Verdicts): void {
    const reason = verdicts.verdicts.find((one) => one.reason)?.reason;
    if (reason) say(at("note"), t(`reason.${reason}`), "bad");
    if (reason === "session-taken-over") {
      video.pause();
      show(at("take-back"));
    }
    if (reason === "session-expired") void this.anew().then((session) => this.player.adopt(session));
    if (verdicts.presenceCheck) void this.beThere(verdicts.presenceCheck);
    const lesson = verdicts.lessons.find((one) => one.code === code);
    if (!lesson) return;
    drawWatched(lesson.watchedSeconds, lesson.durationSeconds);
    show(at("gap"), video.ended && lesson.watchedSeconds < lesson.durationSeconds);
    void this.reload();
  }

  /** Somebody is to say that somebody is there; what waited counts then, or is watched again. */
  private async beThere(check: string): Promise<void> {
    if (this.presence.asking) return;
    const playing = !video.paused;
    const ended = await this.presence.ask(check);
    if (ended.state === "missed") {
      this.outbox.forget();
      const lost = ended.lost.find((one) => one.lesson === code);
      this.player.goBack(await this.anew(), lost?.fromSecond ?? this.session.resumeSecond);
    } else {
      await this.beat();
      if (playing && !video.ended) void video.play().catch(() => {});
    }
    await this.reload();
  }

  /** Completion, hours and the exam are decided on the server: ask it. */
  private async reload(): Promise<void> {
    const enrolment = await get<Enrolment>(`/v1/enrolments/${this.enrolment.id}`);
    this.player.free = stateIn(enrolment)?.state !== "open";
    drawState(enrolment);
  }

  /** What was played goes under the session in which it was, while that is still open. */
  private async anew(): Promise<PlaySession> {
    await this.beat();
    return (this.session = await newSession(this.enrolment));
  }

  /** Another device or page took the session over; now this page does. */
  private async takeBack(): Promise<void> {
    this.player.adopt(await this.anew());
    show(at("take-back"), false);
    say(at("note"), "");
    void video.play().catch(() => {});
  }

  /** Some seconds did not count: fetch what did, and play the first that is missing. */
  private async fillGap(): Promise<void> {
    await this.anew();
    this.player.goTo(firstGap(this.session.watched, this.session.durationSeconds) ?? 0);
    show(at("gap"), false);
  }
}

function checkQuestions(enrolment: Enrolment, questions: Question[]): void {
  const form = at<HTMLFormElement>("check");
  show(at("check-part"));
  at("questions").replaceChildren(...questions.map((question, i) => fieldset(question, i + 1)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = answers(form, questions);
    if (unanswered(given)) return say(at("check-note"), t("check.unanswered", { n: unanswered(given) }), "bad");
    void during(at<HTMLButtonElement>("check-send"), at("check-note"), async () => {
      const body = { enrolmentId: enrolment.id, answers: given };
      drawResult(await post<CheckResult>(`/v1/lessons/${code}/check`, body));
      drawState(await get<Enrolment>(`/v1/enrolments/${enrolment.id}`));
    });
  });
}

function drawResult(result: CheckResult): void {
  for (const [question, { correct, explanation }] of Object.entries(result.results)) {
    const field = document.querySelector<HTMLElement>(`[data-question="${CSS.escape(question)}"]`);
    field?.querySelector(".verdict")?.remove();
    const verdict = t(correct ? "check.right" : "check.wrong");
    const tone = correct ? "good" : "bad";
    field?.append(el("p", { class: "verdict", "data-tone": tone }, el("strong", {}, verdict), ` ${explanation ?? t("check.think")}`));
  }
  say(at("check-note"), t(result.passed ? "check.passed" : "check.failed"), result.passed ? "good" : "bad");
}

async function enrolFirst(): Promise<Enrolment> {
  show(at("loading"), false);
  show(at("enrol-part"));
  const button = at<HTMLButtonElement>("enrol");
  return new Promise((done) => {
    button.addEventListener("click", () => {
      void during(button, at("status"), async () => {
        done(await post<Enrolment>("/v1/enrolments", { programme }));
        show(at("enrol-part"), false);
      });
    });
  });
}

/** Without a network: what was taken along, or the words for having nothing. */
async function watchOffline(): Promise<void> {
  const learner = learnerHere();
  const lesson = learner && canKeep() ? await taken(keyOf(learner, programme, code)) : undefined;
  if (!lesson?.ready) throw new Offline();
  for (const part of ["take-along", "check-part", "state", "signed-out"]) show(at(part), false);
  show(at("offline-part"));
  if (hasEnded(lesson)) say(at("note"), stateWords(lesson), "bad");
  await OfflineWatching.begin(video, lesson);
  show(at("loading"), false);
  show(at("content"));
}

/** What was watched offline and waits for an answer is decided on first. */
async function finishOffline(learner: string): Promise<void> {
  const lesson = canKeep() && learnerHere() ? await taken(keyOf(learner, programme, code)) : undefined;
  if (!lesson || !seconds(lesson.standing.waiting)) return;
  await closeStretch(lesson, video);
  document.getElementById("caught-up")?.remove(); // it asked for this
  const outcome = await handIn(learner);
  if (outcome?.words) say(at("note"), outcome.words, outcome.lost ? "bad" : "good");
}

/** Whether the line is gone, or carries nothing for so long. */
function isAway(): Promise<boolean> {
  const asked = maybeSignedIn() ? refresh() : Promise.resolve(true);
  const late = new Promise<boolean>((done) => setTimeout(() => done(true), PATIENCE));
  return Promise.race([asked.then(() => false).catch((error: unknown) => error instanceof Offline), late]);
}

/** Another module comes first: which, and where to go on. */
function locked(enrolment: Enrolment): boolean {
  const lock = stateIn(enrolment)?.locked;
  if (!lock) return false;
  show(at("loading"), false);
  say(at("status"), bilingual(lock.words), "bad");
  const next = nextLesson(enrolment);
  if (next) at("locked-next").querySelector("a")!.href = `/learn/${programme}/${next.code}`;
  show(at("locked-next"));
  return true;
}

/** What would be watched here counts nowhere: the year is over, or the record was revoked. */
function endedRound({ anew, period }: Enrolment): boolean {
  if (!anew) return false;
  show(at("loading"), false);
  const words = t(`today.anew-${anew}`, { year: period ?? "" });
  at("enrol-part").replaceChildren(beginAnew(programme, anew, words, async () => location.reload()));
  show(at("enrol-part"));
  return true;
}

start(async () => {
  if (learnerHere() && (await isAway())) return watchOffline();
  await mustBeSignedIn();
  const [person, mine, lesson] = await Promise.all([
    header(),
    get<{ items: Enrolment[] }>("/v1/enrolments"),
    get<{ checkQuestions: Question[] }>(`/v1/lessons/${code}?programme=${encodeURIComponent(programme)}`),
  ]);
  const learner = person?.id ?? "";
  await finishOffline(learner);
  const enrolment = mine.items.find((one) => one.programme === programme) ?? (await enrolFirst());
  if (endedRound(enrolment) || locked(enrolment)) return;
  drawState(enrolment);
  checkQuestions(enrolment, lesson.checkQuestions);
  const session = await newSession(enrolment);
  await Watching.begin(enrolment, session, learner);
  const title = document.querySelector("h1")?.textContent ?? code;
  new TakeAlong({ learner, programme, code, title, enrolment, session });
  mountTranscript(at("transcript"), video, session).catch(console.error); // the lecture plays without it
  show(at("loading"), false);
  show(at("content"));
});
