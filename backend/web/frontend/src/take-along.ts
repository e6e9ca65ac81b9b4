/** "Take along" on a lesson's page: how it works, the files with their progress, what is here. */

import { Offline, Problem, call, get, post } from "./api.ts";
import { noteLearner } from "./along.ts";
import { deviceId } from "./device.ts";
import { at, during, el, say, show, words } from "./dom.ts";
import { amount, day } from "./format.ts";
import { handIn } from "./handing-in.ts";
import { keepShell } from "./shell.ts";
import { Damaged, dropFiles, fetchFile } from "./taken-files.ts";
import { type Taken, allDone, canKeep, forgetTaken, keepTaken, keyOf, taken } from "./taken-store.ts";
import type { DownloadFile, DownloadManifest, Enrolment, PlaySession, Span } from "./types.ts";
import { t } from "./words.ts";

interface Leased {
  download: { manifest: DownloadManifest };
}

export interface Here {
  learner: string;
  programme: string;
  code: string;
  title: string;
  enrolment: Enrolment;
  session: PlaySession;
}

const SOON = 7 * 86_400_000; // milliseconds before its end at which a lease is renewed

const isSound = (file: DownloadFile): boolean => file.contentType.startsWith("audio/");

export class TakeAlong {
  private readonly here: Here;
  private readonly key: string;
  private manifest: DownloadManifest | null = null;
  private stop: AbortController | null = null;

  constructor(here: Here) {
    this.here = here;
    this.key = keyOf(here.learner, here.programme, here.code);
    const part = at<HTMLDetailsElement>("take-along");
    part.addEventListener("toggle", () => {
      if (part.open) this.open().catch((error: unknown) => say(at("along-note"), words(error), "bad"));
    });
    const on = (id: string, work: () => Promise<void>): void => {
      const button = at<HTMLButtonElement>(id);
      button.addEventListener("click", () => void during(button, at("along-note"), work));
    };
    on("along-take", () => this.take());
    on("along-delete", () => this.delete());
    at("along-stop").addEventListener("click", () => this.stop?.abort());
    addEventListener("online", () => void this.goOn());
    void this.goOn();
  }

  /** The files are listed when somebody wants them: their addresses are signed for a week. */
  private async open(): Promise<void> {
    if (this.manifest) return;
    const path = `/v1/lessons/${this.here.code}/download?enrolmentId=${this.here.enrolment.id}`;
    this.manifest = (await get<{ manifest: DownloadManifest }>(path)).manifest;
    const files = this.manifest.files.filter((file) => file.role === "offline");
    const choices = files.map((file, i) =>
      el("label", { class: "option" }, el("input", { type: "radio", name: "along", value: file.sha256, ...(i ? {} : { checked: "" }) }), el("span", {}, fileWords(file))),
    );
    at("along-kinds").append(...choices);
    at("files").replaceChildren(...files.map((file) => el("li", {}, el("a", { href: file.url, download: "" }, fileWords(file)))));
    say(at("files-note"), t("lesson.files-until", { day: day(this.manifest.expiresAt) }));
    say(at("along-note"), canKeep() ? "" : t("along.cannot"), "bad");
    await this.draw();
  }

  private async take(): Promise<void> {
    await navigator.storage?.persist?.();
    noteLearner(this.here.learner);
    await this.fetch();
  }

  /** The lease as it is now, asked for anew: longer, with questions where some are used. */
  private async leased(before: Taken | undefined): Promise<Taken> {
    const { learner, programme, code, title, enrolment, session } = this.here;
    await handIn(learner); // a question that was answered is not asked again
    const { download } = await post<Leased>("/v1/download-leases", { enrolmentId: enrolment.id, lesson: code, deviceId: deviceId() });
    const { manifest } = download;
    const { lease } = manifest;
    if (!lease) throw new Problem(500, "error", t("error.unexpected"));
    const files = this.chosen(manifest, before);
    const known = session.watched.map(([from, to]): Span => [from, to]);
    const kept = before ? (await taken(this.key))?.standing : undefined;
    const standing = kept ?? { check: null, waiting: [], known, position: session.resumeSecond };
    const check = lease.checks.find((one) => one.number >= (standing.check ?? 0))?.number ?? null;
    return {
      ...{ key: this.key, learner, programme, lesson: code, title, enrolment: enrolment.id, lecture: manifest.lecture },
      ...{ durationSeconds: manifest.durationSeconds, lease, files, ready: false, watched: known },
      size: files.reduce((sum, file) => sum + file.size, 0),
      standing: { ...standing, check: before && before.lease.id !== lease.id ? (lease.checks[0]?.number ?? null) : check },
    };
  }

  private chosen(manifest: DownloadManifest, before: Taken | undefined): DownloadFile[] {
    const picked = document.querySelector<HTMLInputElement>("#along-kinds input:checked")?.value;
    const kind = before?.files[0]?.contentType;
    const offline = manifest.files.filter((file) => file.role === "offline");
    const lecture = offline.find((file) => (kind ? file.contentType === kind : file.sha256 === picked)) ?? offline[0]!;
    const beside = manifest.files.filter((file) => file.role === "captions" || (file.role === "poster" && !isSound(lecture)));
    return [lecture, ...beside];
  }

  /** What is missing of the files; a line that breaks is waited for. What is here stays until all
   * of the new is. */
  private async fetch(): Promise<void> {
    if (this.stop) return;
    this.stop = new AbortController();
    const { signal } = this.stop;
    try {
      await this.draw();
      const before = await taken(this.key);
      const lesson = await this.leased(before);
      if (!before?.ready) await keepTaken(lesson);
      let bytes = 0;
      for (const file of lesson.files) await fetchFile(lesson.lease.id, file, (more) => this.told(lesson, (bytes += more)), signal);
      await keepShell();
      await keepTaken({ ...lesson, ready: true });
      if (before && before.lease.id !== lesson.lease.id) await dropFiles(before.lease.id);
      if (!before?.ready) say(at("along-note"), t("along.ready"), "good");
    } catch (error) {
      if (signal.aborted) say(at("along-note"), t("along.stopped"));
      else say(at("along-note"), why(error), "bad");
    } finally {
      this.stop = null;
      await this.draw();
    }
  }

  /** A download that was broken off, by the line or with the page; a lease that ends soon. */
  private async goOn(): Promise<void> {
    if (!canKeep()) return;
    const lesson = await taken(this.key);
    if (!lesson) return;
    if (!lesson.ready) at<HTMLDetailsElement>("take-along").open = true;
    if (!lesson.ready || endsSoon(lesson)) await this.fetch();
    else await keepShell().catch(() => undefined); // as the pages are now
  }

  private told(lesson: Taken, bytes: number): void {
    const bar = at<HTMLProgressElement>("along-progress");
    bar.max = lesson.size;
    bar.value = bytes;
    at("along-bytes").textContent = t("along.bytes", { here: amount(bytes), all: amount(lesson.size) });
  }

  private async delete(): Promise<void> {
    const lesson = await taken(this.key);
    if (lesson && (await discard(lesson))) say(at("along-note"), t("along.deleted"));
    await this.draw();
  }

  private async draw(): Promise<void> {
    const lesson = canKeep() ? await taken(this.key) : undefined;
    show(at("along-choice"), canKeep() && !lesson?.ready && !this.stop);
    at("along-take").textContent = t(lesson ? "along.go-on" : "along.take");
    show(at("along-going"), this.stop !== null);
    show(at("along-here"), lesson !== undefined && !this.stop);
    if (!lesson) return;
    at("along-state").textContent = stateWords(lesson);
  }
}

const endsSoon = ({ lease, standing }: Taken): boolean =>
  standing.check === null || Date.parse(lease.expiresAt) - Date.now() < SOON;

/** By this device's clock, which may be wrong: the server decides. */
export const hasEnded = ({ lease }: Taken): boolean => Date.parse(lease.expiresAt) < Date.now();

export function stateWords(lesson: Taken): string {
  const figures = { size: amount(lesson.size), day: day(lesson.lease.expiresAt) };
  if (!lesson.ready) return t("along.partly", figures);
  return t(hasEnded(lesson) ? "along.ended" : "along.here", figures);
}

function fileWords(file: DownloadFile): string {
  return t(isSound(file) ? "lesson.file-sound" : "lesson.file-video", { size: (file.size / 2 ** 20).toFixed(1) });
}

function why(error: unknown): string {
  if (error instanceof Offline) return t("along.waits");
  if (error instanceof DOMException && error.name === "QuotaExceededError") return t("along.no-room");
  return error instanceof Damaged ? error.message : words(error);
}

/** Files, notes and lease of a lesson; what was not handed in is asked about first. */
export async function discard(lesson: Taken): Promise<boolean> {
  const done = (await allDone(lesson.learner)).filter((one) => one.key === lesson.key);
  if (done.length && !confirm(t("along.unsent", { n: done.length }))) return false;
  await forgetTaken(lesson, done);
  await dropFiles(lesson.lease.id);
  await call("DELETE", `/v1/download-leases/${lesson.lease.id}`).catch(() => undefined); // it ends by itself
  return true;
}
