/**
 * What plays the stream: hls.js where there is Media Source, otherwise the browser itself. hls.js is
 * a file of its own, named by its content, so that a new version of our pages does not fetch it anew.
 */

import type Hls from "hls.js";
import type { ErrorData, HlsConfig } from "hls.js";
import { bearer } from "./api.ts";
import { el } from "./dom.ts";
import type { DownloadFile } from "./types.ts";
import { t } from "./words.ts";

export interface Choice {
  value: string;
  label: string;
}

/** `broken` with the status of a refused request, or undefined where the network is away. */
export interface Listener {
  choices(): void;
  broken(status: number | undefined): void;
}

export interface Engine {
  load(playlist: string, from: number): void;
  again(): void;
  qualities(): Choice[];
  setQuality(value: string): void;
  captions(): Choice[];
  /** "" shows none. */
  setCaptions(language: string): void;
}

export const AUTO = "auto";
export const SOUND = "sound";

/** Begins to fetch hls.js before anybody needs it. */
export const library = import("hls.js");

export async function engine(video: HTMLVideoElement, listener: Listener): Promise<Engine> {
  const { default: loaded } = await library;
  return loaded.isSupported() ? new Script(loaded, video, listener) : new Native(video, listener);
}

/** By which a rung is named, also of a picture that stands. */
const shortSide = (level: { width: number; height: number }): number => Math.min(level.width, level.height);

/** An encrypted lecture's key is for the person signed in: only that request carries the token. */
async function authorise(xhr: XMLHttpRequest, url: string): Promise<void> {
  const { origin, pathname } = new URL(url, location.href);
  if (origin !== location.origin || !pathname.endsWith("/key")) return;
  const token = await bearer();
  if (xhr.readyState === XMLHttpRequest.UNSENT) xhr.open("GET", url, true);
  xhr.setRequestHeader("Authorization", token);
}

class Script implements Engine {
  private hls: Hls | null = null;
  private master = "";
  private heights: number[] = [];
  private quality = AUTO;
  private language = "";
  private readonly kind: typeof Hls;
  private readonly video: HTMLVideoElement;
  private readonly listener: Listener;

  constructor(kind: typeof Hls, video: HTMLVideoElement, listener: Listener) {
    this.kind = kind;
    this.video = video;
    this.listener = listener;
  }

  load(playlist: string, from: number): void {
    this.master = playlist;
    this.open(playlist, from);
  }

  again(): void {
    this.hls?.startLoad();
  }

  private open(address: string, from: number): void {
    this.hls?.destroy();
    const config: Partial<HlsConfig> = {
      enableWorker: false,
      startPosition: from,
      maxBufferLength: 30,
      // The first guess of a line's speed: a slow one begins with a picture, not with waiting.
      abrEwmaDefaultEstimate: 300_000,
      xhrSetup: authorise,
    };
    const hls = new this.kind(config);
    const { Events } = this.kind;
    hls.on(Events.ERROR, (_, error) => this.failed(hls, error));
    hls.on(Events.MANIFEST_PARSED, () => this.parsed(hls));
    hls.on(Events.SUBTITLE_TRACKS_UPDATED, () => this.applyCaptions());
    hls.loadSource(address);
    hls.attachMedia(this.video);
    this.hls = hls;
  }

  private failed(hls: Hls, error: ErrorData): void {
    if (!error.fatal) return;
    if (error.type === this.kind.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
    else this.listener.broken(error.response?.code || undefined);
  }

  private parsed(hls: Hls): void {
    const heights = [...new Set(hls.levels.map(shortSide))].filter(Boolean).sort((a, b) => b - a);
    if (heights.length) this.heights = heights; // the playlist of the sound alone has none
    if (this.quality !== AUTO) this.applyQuality();
    this.listener.choices();
  }

  qualities(): Choice[] {
    const rungs = this.heights.map((height) => ({ value: String(height), label: `${height}p` }));
    const sound = { value: SOUND, label: t("player.sound-only") };
    return rungs.length ? [{ value: AUTO, label: t("player.auto") }, ...rungs, sound] : [];
  }

  setQuality(value: string): void {
    const wasSound = this.quality === SOUND;
    this.quality = value;
    if (wasSound && value !== SOUND) this.open(this.master, this.video.currentTime);
    else this.applyQuality();
  }

  /** hls.js never chooses sound alone while there are pictures: its playlist is opened by itself. */
  private applyQuality(): void {
    const { hls } = this;
    if (!hls) return;
    if (this.quality === SOUND) return this.openSound(hls);
    const codec = hls.levels[hls.currentLevel]?.videoCodec;
    const rungs = hls.levels.filter((level) => String(shortSide(level)) === this.quality);
    const wanted = rungs.find((level) => level.videoCodec === codec) ?? rungs[0];
    hls.nextLevel = wanted ? hls.levels.indexOf(wanted) : -1;
  }

  private openSound(hls: Hls): void {
    const address = hls.audioTracks[0]?.url;
    if (!address) return;
    const playing = !this.video.paused;
    this.open(address, this.video.currentTime);
    if (playing) void this.video.play().catch(() => {});
  }

  captions(): Choice[] {
    return (this.hls?.subtitleTracks ?? []).map((track) => ({ value: track.lang ?? track.name, label: track.name }));
  }

  setCaptions(language: string): void {
    this.language = language;
    this.applyCaptions();
  }

  private applyCaptions(): void {
    if (!this.hls) return;
    const wanted = this.hls.subtitleTracks.findIndex((track) => (track.lang ?? track.name) === this.language);
    this.hls.subtitleDisplay = wanted >= 0;
    this.hls.subtitleTrack = wanted;
    this.listener.choices();
  }
}

/** The browser's own player: it chooses the quality by itself. */
class Native implements Engine {
  private readonly video: HTMLVideoElement;
  private master = "";

  constructor(video: HTMLVideoElement, listener: Listener) {
    this.video = video;
    video.textTracks.addEventListener("addtrack", () => listener.choices());
    video.addEventListener("error", () => listener.broken(video.error?.code === MediaError.MEDIA_ERR_NETWORK ? undefined : 403));
  }

  load(playlist: string, from: number): void {
    this.master = playlist;
    this.video.src = playlist;
    this.video.addEventListener("loadedmetadata", () => (this.video.currentTime = from), { once: true });
  }

  again(): void {
    this.load(this.master, this.video.currentTime);
  }

  qualities(): Choice[] {
    return [];
  }

  setQuality(): void {}

  captions(): Choice[] {
    return [...this.video.textTracks].map((track) => ({ value: track.language, label: track.label || track.language }));
  }

  setCaptions(language: string): void {
    for (const track of this.video.textTracks) track.mode = track.language === language ? "showing" : "disabled";
  }
}

/** Files on this device, by addresses that hold while the page is open. */
export class FileEngine implements Engine {
  private readonly video: HTMLVideoElement;
  private readonly listener: Listener;

  constructor(video: HTMLVideoElement, files: DownloadFile[], listener: Listener) {
    this.video = video;
    this.listener = listener;
    for (const file of files.filter((one) => one.role === "captions")) {
      const language = file.name.split(".")[0] ?? "";
      const label = new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
      video.append(el("track", { kind: "captions", src: file.url, srclang: language, label }));
    }
    video.src = files.find((one) => one.role === "offline")?.url ?? "";
  }

  load(_: string, from: number): void {
    this.video.addEventListener("loadedmetadata", () => (this.video.currentTime = from), { once: true });
  }

  again(): void {}

  qualities(): Choice[] {
    return [];
  }

  setQuality(): void {}

  captions(): Choice[] {
    return [...this.video.textTracks].map((track) => ({ value: track.language, label: track.label }));
  }

  setCaptions(language: string): void {
    for (const track of this.video.textTracks) track.mode = track.language === language ? "showing" : "disabled";
    this.listener.choices();
  }
}

export const speeds = (): Choice[] =>
  ["0.5", "0.75", "1", "1.25", "1.5", "2"].map((value) => ({
    value,
    label: value === "1" ? t("player.speed-normal") : t("player.speed-is", { rate: value }),
  }));
