/**
 * The video element and the rules of watching: no faster than allowed, no further than watched
 * before. The server decides what counts; these locks only spare honest learners a lost minute.
 */

import Hls from "hls.js";
import { say } from "./dom.ts";
import { clock } from "./format.ts";
import { Recorder } from "./spans.ts";
import type { PlaySession, Span } from "./types.ts";
import { t } from "./words.ts";

const AHEAD = 1; // seconds a seek may land past the furthest: rounding, not skipping

export class Player {
  free = false;
  private recorder: Recorder;
  private furthest: number;
  private hls: Hls | null = null;
  private readonly video: HTMLVideoElement;
  private readonly note: HTMLElement;
  private session: PlaySession;

  /** `renew` gives a fresh session when the signed addresses of this one have run out. */
  constructor(video: HTMLVideoElement, note: HTMLElement, session: PlaySession, renew: () => Promise<PlaySession>) {
    this.video = video;
    this.note = note;
    this.session = session;
    this.furthest = session.furthestSecond;
    this.recorder = new Recorder(session.durationSeconds, session.maxRate);
    this.load(session.resumeSecond);
    this.listen();
    this.renewal = renew;
  }

  private readonly renewal: () => Promise<PlaySession>;

  take(): Span[] {
    return this.recorder.take();
  }

  goTo(second: number): void {
    this.video.currentTime = second;
    void this.video.play().catch(() => {}); // a browser may want the learner's own tap first
  }

  private load(from: number): void {
    if (this.session.posterUrl) this.video.poster = this.session.posterUrl;
    if (Hls.isSupported()) this.loadByScript(from);
    else this.loadNatively(from);
  }

  private loadByScript(from: number): void {
    this.hls?.destroy();
    const hls = new Hls({ enableWorker: false, startPosition: from, maxBufferLength: 30 });
    hls.on(Hls.Events.ERROR, (_, error) => {
      if (!error.fatal) return;
      if (error.type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
      else void this.recover(error.response?.code);
    });
    hls.loadSource(this.session.playlistUrl);
    hls.attachMedia(this.video);
    this.hls = hls;
  }

  private loadNatively(from: number): void {
    this.video.src = this.session.playlistUrl;
    this.video.addEventListener("loadedmetadata", () => (this.video.currentTime = from), { once: true });
  }

  /** Refused addresses have expired: take a new session. Otherwise the network is away: wait for it. */
  private async recover(status: number | undefined): Promise<void> {
    const from = this.video.currentTime;
    say(this.note, t("player.interrupted"), "bad");
    if (status === undefined || status === 0) {
      await new Promise((done) => addEventListener("online", done, { once: true }));
      this.hls?.startLoad();
    } else {
      this.session = await this.renewal();
      this.load(from);
    }
    say(this.note, "");
  }

  private listen(): void {
    const { video } = this;
    video.addEventListener("timeupdate", () => this.progressed());
    video.addEventListener("playing", () => this.progressed());
    for (const name of ["pause", "waiting", "stalled"])
      video.addEventListener(name, () => {
        if (!video.ended) this.recorder.stop();
      });
    video.addEventListener("ended", () => this.recorder.ended());
    video.addEventListener("seeking", () => this.sought());
    video.addEventListener("ratechange", () => this.sped());
  }

  private progressed(): void {
    const { video } = this;
    if (video.paused || video.seeking) return;
    this.recorder.playing(video.currentTime, performance.now());
    this.furthest = Math.max(this.furthest, video.currentTime);
  }

  private sought(): void {
    this.recorder.stop();
    if (this.free || this.video.currentTime <= this.furthest + AHEAD) return;
    this.video.currentTime = this.furthest;
    say(this.note, t("player.no-skip", { at: clock(this.furthest) }));
  }

  private sped(): void {
    const { maxRate } = this.session;
    if (this.video.playbackRate <= maxRate) return;
    this.video.playbackRate = maxRate;
    say(this.note, t("player.no-rush", { rate: maxRate }));
  }
}
