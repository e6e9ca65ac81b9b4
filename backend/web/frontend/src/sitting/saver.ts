/**
 * Answers on their way to the server. Each stays on this device until the server has it, so a
 * tunnel, a crash or a closed page costs nothing; only the newest of an item matters, and the
 * server knows by their sequences which that is.
 */

import { Problem } from "../api.ts";
import type { Answer } from "../items/types.ts";

export interface Kept {
  attempt: string;
  position: number;
  answer: Answer;
  sequence: number;
  /** On this item so far. */
  spentMs: number;
}

export interface Verdict {
  position: number;
  sequence: number;
  /** `older`: a later answer is saved already, and stands. */
  verdict: "saved" | "older" | "refused";
  why: { zh: string; en: string } | null;
}

export interface Shelf {
  all(attempt: string): Promise<Kept[]>;
  put(kept: Kept): Promise<void>;
  /** Only as they were sent: what has changed meanwhile stays. `taken`: the server has it. */
  drop(sent: Kept[], taken: (one: Kept) => boolean): Promise<void>;
}

export interface Listener {
  /** What waits has changed; `problem` says why it waits, if something is wrong. */
  waiting(problem: unknown): void;
  /** It does not fit the item; whoever gave it can mend it. */
  refused(verdict: Verdict): void;
  /** Another device goes on, the attempt is over, or the server does not know it: no more is sent. */
  stopped(problem: Problem): void;
}

export type Send = (batch: Kept[], closing: boolean) => Promise<Verdict[]>;
export type Later = (work: () => void, ms: number) => void;
export type Saved = Pick<Kept, "position" | "sequence" | "answer">;

const BATCH = 50;
const AGAIN = [1000, 2000, 4000, 8000, 15_000]; // milliseconds, the last one from then on
const FOR_LATER = new Set([401, 408, 425, 429]);

export class Saver {
  private readonly kept = new Map<number, Kept>();
  private readonly shelf: Shelf;
  private readonly send: Send;
  private readonly listener: Listener;
  private readonly later: Later;
  private readonly attempt: string;
  private next: number;
  private running: Promise<void> | null = null;
  private tries = 0;
  private waits = false;
  private over = false;

  /** `next`: the first sequence of this device's turn. */
  constructor(
    attempt: string,
    next: number,
    shelf: Shelf,
    send: Send,
    listener: Listener,
    later: Later = (work, ms) => void setTimeout(work, ms),
  ) {
    this.attempt = attempt;
    this.next = next;
    this.shelf = shelf;
    this.send = send;
    this.listener = listener;
    this.later = later;
  }

  /** What stands by position: as saved, or newer as this device kept it, which is sent now. */
  async open(saved: Saved[]): Promise<Map<number, Answer>> {
    const standing = new Map<number, Saved>(saved.map((one) => [one.position, one]));
    const kept = await this.shelf.all(this.attempt);
    for (const { sequence } of [...saved, ...kept]) this.next = Math.max(this.next, sequence + 1); // a turn that goes on
    for (const one of kept) {
      if (one.sequence <= (standing.get(one.position)?.sequence ?? 0)) await this.shelf.drop([one], () => false);
      else {
        standing.set(one.position, one);
        this.kept.set(one.position, one);
      }
    }
    if (this.kept.size) void this.flush();
    return new Map([...standing].map(([position, { answer }]) => [position, answer]));
  }

  put(position: number, answer: Answer, spentMs: number): void {
    if (this.over) return;
    const kept = { attempt: this.attempt, position, answer, sequence: this.next++, spentMs };
    this.kept.set(position, kept);
    this.shelf.put(kept).catch(console.error); // a full disk: the server is still there
    this.listener.waiting(null);
  }

  waitsFor(position: number): boolean {
    return this.kept.has(position);
  }

  /** For whoever hands in. */
  get unsent(): Kept[] {
    return [...this.kept.values()];
  }

  stop(): void {
    this.over = true;
  }

  flush(): Promise<void> {
    this.running ??= this.drain().finally(() => (this.running = null));
    return this.running;
  }

  /** The page is closing: the answer may never be read, so all of it stays kept here. */
  last(): void {
    if (this.kept.size && !this.over) void this.send(this.unsent.slice(0, BATCH), true).catch(() => undefined);
  }

  /** The server will never take what stands at these places. */
  async discard(positions: number[]): Promise<void> {
    const never = (): boolean => false;
    await this.forget(positions.flatMap((position) => this.kept.get(position) ?? []), never);
  }

  private async drain(): Promise<void> {
    while (this.kept.size && !this.over) if (!(await this.deliver(this.unsent.slice(0, BATCH)))) return;
  }

  private async deliver(batch: Kept[]): Promise<boolean> {
    try {
      const verdicts = await this.send(batch, false);
      this.tries = 0;
      const refused = verdicts.filter((one) => one.verdict === "refused");
      await this.forget(batch, ({ position }) => !refused.some((one) => one.position === position));
      for (const one of refused) this.listener.refused(one);
      this.listener.waiting(null);
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  private failed(error: unknown): void {
    if (!(error instanceof Problem) || error.status >= 500 || FOR_LATER.has(error.status)) {
      this.listener.waiting(error);
      return this.again();
    }
    this.over = true;
    this.listener.stopped(error);
  }

  private again(): void {
    if (this.waits) return;
    this.waits = true;
    const work = (): void => {
      this.waits = false;
      void this.flush();
    };
    this.later(work, AGAIN[Math.min(this.tries++, AGAIN.length - 1)]!);
  }

  private async forget(batch: Kept[], taken: (one: Kept) => boolean): Promise<void> {
    for (const one of batch) if (this.kept.get(one.position)?.sequence === one.sequence) this.kept.delete(one.position);
    await this.shelf.drop(batch, taken).catch(console.error);
  }
}
