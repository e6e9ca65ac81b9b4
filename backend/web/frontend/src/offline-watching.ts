/**
 * Watching a lecture that was taken along: what is played is written down by this page's monotonic
 * clock, each page being a boot of its own, and handed in whenever the network is there.
 */

import { at, say, show } from "./dom.ts";
import { type Engine, FileEngine, type Listener } from "./engine.ts";
import { clock } from "./format.ts";
import { handIn } from "./handing-in.ts";
import { Menus } from "./menus.ts";
import { askOffline } from "./offline-presence.ts";
import { uuid7 } from "./outbox.ts";
import { Player } from "./player.ts";
import { Seeker } from "./seeker.ts";
import { answered, furthest, isDue, minus, played, seconds } from "./stretch.ts";
import { assembled } from "./taken-files.ts";
import { type Done, type Taken, keepDone } from "./taken-store.ts";
import type { PlaySession, WatchedOffline } from "./types.ts";
import { t } from "./words.ts";

const EVERY = 1000; // milliseconds between two notes: what a power cut may cost
const LONGEST = 60; // seconds in one event
const AGAIN = 30_000; // milliseconds until the network is tried again
const BOOT = uuid7();

export class OfflineWatching {
  private readonly video: HTMLVideoElement;
  private readonly player: Player;
  private lesson: Taken;
  private last: WatchedOffline | null = null;
  private from: number | null = null;
  private noted = 0;
  private asking = false;

  static async begin(video: HTMLVideoElement, lesson: Taken): Promise<void> {
    const files = await Promise.all(
      lesson.files.map(async (file) => ({ ...file, url: URL.createObjectURL(await assembled(lesson.lease.id, file)) })),
    );
    const session = sessionOf(lesson, files.find((file) => file.role === "poster")?.url ?? null);
    const engine = (_: HTMLVideoElement, listener: Listener): Promise<Engine> =>
      Promise.resolve(new FileEngine(video, files, listener));
    const player = await Player.open(video, at("note"), session, () => Promise.resolve(session), engine);
    const menus = new Menus(player);
    player.choices = () => menus.draw();
    new Seeker(player, video, lesson.durationSeconds);
    new OfflineWatching(video, player, lesson);
  }

  private constructor(video: HTMLVideoElement, player: Player, lesson: Taken) {
    this.video = video;
    this.player = player;
    this.lesson = lesson;
    this.listen();
    this.draw();
    void this.step();
  }

  private listen(): void {
    this.video.addEventListener("playing", () => (this.from ??= performance.now()));
    this.video.addEventListener("timeupdate", () => {
      if (performance.now() - this.noted >= EVERY) void this.step();
    });
    for (const name of ["pause", "ended"]) this.video.addEventListener(name, () => void this.step());
    document.addEventListener("visibilitychange", () => void this.step());
    addEventListener("online", () => void this.send());
    setInterval(() => void this.send(), AGAIN);
    void this.send();
  }

  /** Notes what was played; asks when it is time. */
  private async step(): Promise<void> {
    await this.note();
    const { standing, lease } = this.lesson;
    if (this.asking || !isDue(standing, lease.checks, this.video.ended)) return;
    this.asking = true;
    const playing = !this.video.paused;
    await this.ask().finally(() => (this.asking = false));
    if (playing && !this.video.ended) void this.video.play().catch(() => {});
    await this.send();
  }

  private async note(): Promise<void> {
    const now = performance.now();
    const spans = this.lesson.standing.check === null ? [] : this.player.take();
    const began = this.from ?? now;
    this.noted = now;
    this.from = this.video.paused ? null : now;
    if (!spans.length) return;
    const events = spans.map(([from, to]) => this.event(from, to, began, now));
    this.lesson = { ...this.lesson, standing: played(this.lesson.standing, spans) };
    await keepDone(this.lesson, events.map((event) => this.done({ kind: "watched", event })));
    this.draw();
  }

  /** Goes on with the last event where that ended here: one line for a minute, not sixty. */
  private event(fromSecond: number, toSecond: number, began: number, now: number): WatchedOffline {
    const check = this.lesson.standing.check ?? 0;
    const { last } = this;
    const goesOn = last?.check === check && last.toSecond === fromSecond && toSecond - last.fromSecond <= LONGEST;
    const toMs = Math.round(now);
    const fresh = { id: uuid7(), leaseId: this.lesson.lease.id, check, fromSecond, bootId: BOOT, fromMs: Math.round(began) };
    return (this.last = goesOn ? { ...last, toSecond, toMs } : { ...fresh, toSecond, toMs });
  }

  private done(what: Pick<Done, "kind" | "event">): Done {
    return { ...what, id: what.event.id, learner: this.lesson.learner, key: this.lesson.key } as Done;
  }

  private async ask(): Promise<void> {
    this.lesson = await closeStretch(this.lesson, this.video);
    this.last = null;
    this.draw();
    say(at("note"), t(this.lesson.standing.check === null ? "along.no-more-checks" : "along.answer-kept"));
  }

  private async send(): Promise<void> {
    const outcome = await handIn(this.lesson.learner);
    if (!outcome) return;
    const said = outcome.lessons.find((one) => one.key === this.lesson.key);
    if (said) this.lesson = reconciled(this.lesson, said);
    if (outcome.words) say(at("note"), outcome.words, outcome.lost ? "bad" : "good");
    this.draw();
  }

  private draw(): void {
    const { durationSeconds: duration, standing } = this.lesson;
    const bar = at<HTMLProgressElement>("watched");
    bar.max = duration;
    bar.value = seconds(standing.known);
    const figures = { known: clock(bar.value), waiting: clock(seconds(standing.waiting)), duration: clock(duration) };
    at("watched-words").textContent = t("along.watched", figures);
  }
}

/** What the server says counts; which check comes next, this page knows best. */
function reconciled(here: Taken, said: Taken): Taken {
  const { known } = said.standing;
  const standing = { ...here.standing, known, waiting: minus(here.standing.waiting, known) };
  return { ...here, enrolment: said.enrolment, watched: said.watched, standing };
}

/** What is waiting is decided on now: asks its question and writes the answer down. */
export async function closeStretch(lesson: Taken, video: HTMLVideoElement): Promise<Taken> {
  const check = lesson.lease.checks.find((one) => one.number === lesson.standing.check);
  if (!check || !seconds(lesson.standing.waiting)) return lesson;
  show(at("content"));
  const given = await askOffline(check, lesson.lease.answerSeconds, video);
  const event = { id: uuid7(), leaseId: lesson.lease.id, check: check.number, bootId: BOOT, ...given };
  const after = { ...lesson, standing: answered(lesson.standing, lesson.lease.checks) };
  await keepDone(after, [{ kind: "answered", event, id: event.id, learner: lesson.learner, key: lesson.key }]);
  return after;
}

function sessionOf(lesson: Taken, poster: string | null): PlaySession {
  const { standing } = lesson;
  return {
    id: lesson.lease.id,
    durationSeconds: lesson.durationSeconds,
    playlistUrl: "",
    posterUrl: poster,
    storyboardUrl: "",
    heartbeatSeconds: 0,
    minRate: 0.5,
    maxRate: lesson.lease.ratePercent / 100,
    watched: standing.known,
    furthestSecond: furthest(standing),
    resumeSecond: standing.position < lesson.durationSeconds - 1 ? standing.position : 0,
    readingSeconds: 0,
  };
}
