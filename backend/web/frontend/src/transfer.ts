/** Sends a file so that a broken line, a reload or a day in between costs one piece at most. */

import * as tus from "tus-js-client";
import { bearer } from "./api.ts";
import { words } from "./dom.ts";
import { t } from "./words.ts";

const CHUNK = 4 * 1024 * 1024; // bytes: what a broken line costs at most
const PACE = 15_000; // milliseconds that the speed is taken over
// Some ten minutes of a dead line; after that, choosing the file again goes on.
const PAUSES = [0, 1000, 3000, 5000, 10_000, 20_000, ...Array<number>(10).fill(60_000)];

export interface Wishes {
  title: string;
  av1: boolean;
  encrypt: boolean;
}

export interface Sent {
  /** 0 to 1. */
  share: number;
  /** Bytes a second, and seconds; null until there is something to tell them by. */
  speed: number | null;
  left: number | null;
}

export interface Told {
  sent: (progress: Sent) => void;
  lineAway: () => void;
}

export function transfer(file: File, wishes: Wishes, told: Told): Promise<void> {
  const pace = new Pace();
  let reached = -1;
  return new Promise((done, failed) => {
    const upload = new tus.Upload(file, {
      endpoint: "/v1/uploads",
      chunkSize: CHUNK,
      retryDelays: PAUSES,
      metadata: {
        filename: file.name,
        title: wishes.title,
        av1: String(wishes.av1),
        encrypt: String(wishes.encrypt),
      },
      removeFingerprintOnSuccess: true,
      onBeforeRequest: async (request) => request.setHeader("Authorization", await bearer()),
      onShouldRetry: (error) => {
        const status = error.originalResponse?.getStatus() ?? 0;
        const again = status === 0 || status >= 500 || [401, 409, 423, 429].includes(status);
        if (again) told.lineAway();
        return again;
      },
      onProgress: (sent, all) => {
        const progress = pace.at(sent, all ?? file.size);
        if (progress.share <= reached) return; // a piece sent again: what is said of the line stays
        reached = progress.share;
        told.sent(progress);
      },
      onSuccess: () => done(),
      onError: failed,
    });
    void upload.findPreviousUploads().then(([previous]) => {
      if (previous) upload.resumeFromPreviousUpload(previous); // a reload or a lost line
      upload.start();
    });
  });
}

/** What the server said, or that the line is away: choosing the file again goes on where it stopped. */
export function reason(error: unknown): string {
  if (!(error instanceof tus.DetailedError)) return words(error);
  try {
    return (JSON.parse(error.originalResponse?.getBody() ?? "") as { detail: string }).detail;
  } catch {
    return t("studio.interrupted");
  }
}

class Pace {
  #seen: [at: number, bytes: number][] = [];

  at(sent: number, all: number): Sent {
    const now = performance.now();
    const [, before] = this.#seen.at(-1) ?? [0, 0];
    if (sent < before) this.#seen = []; // sent again after a broken line
    this.#seen.push([now, sent]);
    this.#seen = this.#seen.filter(([at]) => now - at <= PACE);
    const [since, from] = this.#seen[0] ?? [now, sent];
    const speed = now - since > 1000 ? ((sent - from) * 1000) / (now - since) : null;
    return { share: all ? sent / all : 0, speed, left: speed ? (all - sent) / speed : null };
  }
}
