/**
 * The video element and the rules of watching: no faster than allowed, no further than watched
 * before. The server decides what counts; these locks only spare honest learners a lost minute.
 */

import { say } from "./dom.ts";
import { type Engine, engine } from "./engine.ts";
import { clock } from "./format.ts";
import { Recorder } from "./spans.ts";
import type { PlaySession, Span } from "./types.ts";
import { t } from "./words.ts";

const PAUSE = 3000; // milliseconds before a server that was away is asked again
const AHEAD = 1; // seconds a seek may land past the furthest: rounding, not skipping

export class Player {
  free = false;
  engine!: Engine;
  /** Called when there is something new to choose: languages, qualities, speeds. */
  choices: () => void = () => {};
  private recorder: Recorder;
  private furthest: number;
  private readonly video: HTMLVideoElement;
  private readonly note: HTMLElement;
  private session: PlaySession;
  private readonly renewal: () => Promise<PlaySession>;

  /** `renew` gives a fresh session when the signed addresses of this one have run out. */
  static async open(
    video: HTMLVideoElement,
    note: HTMLElement,
    session: PlaySession,
    renew: () => Promise<PlaySession>,
    make = engine,
  ): Promise<Player> {
    const player = new Player(video, note, session, renew);
    player.engine = await make(video, {
      choices: () => player.choices(),
      broken: (status) => void player.recover(status),
    });
    player.load(session.resumeSecond);
    return player;
  }

  private constructor(
    video: HTMLVideoElement,
    note: HTMLElement,
    session: PlaySession,
    renew: () => Promise<PlaySession>,
  ) {
    this.video = video;
    this.note = note;
    this.session = session;
    this.renewal = renew;
    this.furthest = session.furthestSecond;
    this.recorder = new Recorder(session.durationSeconds, session.maxRate);
    this.listen();
  }

  take(): Span[] {
    return this.recorder.take();
  }

  get maxRate(): number {
    return this.session.maxRate;
  }

  get speed(): number {
    return this.video.playbackRate;
  }

  setSpeed(rate: number): void {
    this.video.defaultPlaybackRate = rate;
    this.video.playbackRate = rate;
  }

  /** How far a seek may go. */
  get reach(): number {
    return this.free ? this.session.durationSeconds : Math.min(this.furthest, this.session.durationSeconds);
  }

  allowed(second: number): number {
    return this.free || second <= this.furthest + AHEAD ? second : this.furthest;
  }

  seek(second: number): void {
    this.video.currentTime = second; // what is too far is turned back there, and explained
  }

  goTo(second: number): void {
    this.seek(second);
    void this.video.play().catch(() => {}); // a browser may want the learner's own tap first
  }

  /** Seconds were taken back: what counts now is what the new session says. */
  goBack(session: PlaySession, second: number): void {
    this.furthest = Math.max(session.furthestSecond, second);
    this.adopt(session, second);
    void this.video.play().catch(() => {});
  }

  /** Goes on with a session that was opened anew on this page. */
  adopt(session: PlaySession, from = this.video.currentTime): void {
    this.recorder.stop();
    this.furthest = Math.max(this.furthest, session.furthestSecond);
    if (session.maxRate !== this.session.maxRate)
      this.recorder = new Recorder(session.durationSeconds, session.maxRate);
    this.session = session;
    this.load(from);
    this.choices();
  }

  private load(from: number): void {
    if (this.session.posterUrl) this.video.poster = this.session.posterUrl;
    this.engine.load(this.session.playlistUrl, from);
  }

  /** Refused addresses have expired: take a new session. Otherwise the network is away: wait for it. */
  private async recover(status: number | undefined): Promise<void> {
    const playing = !this.video.paused;
    say(this.note, t("player.interrupted"), "bad");
    if (status === undefined) {
      await (navigator.onLine
        ? new Promise((done) => setTimeout(done, PAUSE))
        : new Promise((done) => addEventListener("online", done, { once: true })));
      this.engine.again();
    } else {
      this.adopt(await this.renewal());
      if (playing) void this.video.play().catch(() => {});
    }
    say(this.note, "");
  }

  private listen(): void {
    const { video } = this;
    // Where it stands before it runs is where it begins: a busy device tells of its running late.
    for (const name of ["loadedmetadata", "play", "playing", "timeupdate", "pause", "waiting", "stalled"])
      video.addEventListener(name, () => this.progressed());
    video.addEventListener("ended", () => this.recorder.ended());
    video.addEventListener("seeking", () => this.sought());
    video.addEventListener("ratechange", () => this.sped());
  }

  private progressed(): void {
    const { video } = this;
    if (video.seeking) return;
    this.recorder.playing(video.currentTime, performance.now());
    if (!video.paused) this.furthest = Math.max(this.furthest, video.currentTime);
  }

  private sought(): void {
    const { currentTime } = this.video;
    this.recorder.stop();
    if (currentTime === this.allowed(currentTime)) return this.recorder.playing(currentTime, performance.now());
    this.video.currentTime = this.furthest;
    say(this.note, t("player.no-skip", { at: clock(this.furthest) }));
  }

  private sped(): void {
    const { maxRate } = this.session;
    if (this.video.playbackRate > maxRate) {
      this.setSpeed(maxRate);
      say(this.note, t("player.no-rush", { rate: maxRate }));
    }
    this.choices();
  }
}
