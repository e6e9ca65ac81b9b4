/**
 * Heartbeats on their way to the server. They stay in the browser's storage until the server has
 * answered for each, so a tunnel, a crash or a closed page costs the learner nothing; the server
 * knows their ids, so sending one twice does no harm.
 */

import { Problem } from "./api.ts";
import type { Heartbeat, Verdicts } from "./types.ts";

const BATCH = 100; // the server's limit
const FOR_LATER = new Set([401, 408, 425, 429]);

export type Send = (events: Heartbeat[], closing: boolean) => Promise<Verdicts>;
export type Store = Pick<Storage, "getItem" | "setItem">;

export interface Listener {
  answered(verdicts: Verdicts): void;
  /** `waiting` events are kept here; `problem` says why, if something is wrong. */
  waiting(count: number, problem: unknown): void;
  /** The server will never take these; the learner has a right to know. */
  refused(events: Heartbeat[], problem: Problem): void;
}

export class Outbox {
  private running: Promise<void> | null = null;
  private readonly store: Store;
  private readonly key: string;
  private readonly send: Send;
  private readonly listener: Listener;

  /** `key` names the learner: devices are shared, hours are not. */
  constructor(store: Store, key: string, send: Send, listener: Listener) {
    this.store = store;
    this.key = key;
    this.send = send;
    this.listener = listener;
  }

  get events(): Heartbeat[] {
    return JSON.parse(this.store.getItem(this.key) ?? "[]") as Heartbeat[];
  }

  add(events: Heartbeat[]): void {
    if (events.length) this.keep([...this.events, ...events]);
  }

  /** What waits was watched in vain: its seconds are to be watched again. */
  forget(): void {
    this.keep([]);
  }

  flush(): Promise<void> {
    this.running ??= this.drain().finally(() => (this.running = null));
    return this.running;
  }

  /** The page is closing: one batch, not waiting for one under way. The answer may never be read. */
  last(): void {
    const batch = this.events.slice(0, BATCH);
    if (batch.length) void this.deliver(batch, true);
  }

  private async drain(): Promise<void> {
    for (let batch = this.events.slice(0, BATCH); batch.length; batch = this.events.slice(0, BATCH))
      if (!(await this.deliver(batch, false))) return;
  }

  private async deliver(batch: Heartbeat[], closing: boolean): Promise<boolean> {
    try {
      const verdicts = await this.send(batch, closing);
      const later = new Set(verdicts.verdicts.filter(countsLater).map((one) => one.id));
      this.remove(batch.filter((event) => !later.has(event.id)));
      this.listener.answered(verdicts);
      if (later.size) return false; // the same again at once would get the same answer
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500 || FOR_LATER.has(error.status)) {
        this.listener.waiting(this.events.length, error);
        return false;
      }
      this.remove(batch);
      this.listener.refused(batch, error);
    }
    this.listener.waiting(this.events.length, null);
    return true;
  }

  private remove(batch: Heartbeat[]): void {
    const gone = new Set(batch.map((event) => event.id));
    this.keep(this.events.filter((event) => !gone.has(event.id)));
  }

  private keep(events: Heartbeat[]): void {
    this.store.setItem(this.key, JSON.stringify(events));
  }
}

/** Once a presence check is answered, or the stream has begun: kept until then. */
const countsLater = (one: Verdicts["verdicts"][number]): boolean =>
  one.verdict === "challenge-due" || (one.verdict === "refused" && one.reason === "not-playing");

/** UUIDv7: sorts by time, and needs no secure context as `crypto.randomUUID` does. */
export function uuid7(now = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) % 256;
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
