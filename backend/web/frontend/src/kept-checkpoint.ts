/** The newest checkpoint of a log that this browser saw, kept for the next visit: then the log has to continue it.

What is kept names no record: nobody can tell from it which ones were looked at. */

import { type Bytes, decode, hex } from "./verdict/bytes.ts";
import { checkGrowth } from "./verdict/growth.ts";
import { openCheckpoint } from "./verdict/notes.ts";
import { Refused } from "./verdict/refusal.ts";
import type { Trust } from "./verdict/trust.ts";

const PLACE = "guanbiao.log"; // one for the site: a log under another name is not the one that was kept

export interface Kept {
  /** The log's name. */
  origin: string;
  note: string;
  /** The log's public key, in hexadecimal. */
  key: string;
  /** When it was kept, RFC 3339. */
  at: string;
}

/** localStorage, as far as there is one. */
export interface Shelf {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
}

/** `fetched`: a file of the log by its path under the log's address; null where there is none (404). */
export interface Log {
  fetched: (path: string) => Promise<Bytes | null>;
}

export type Followed =
  | { state: "changed"; why: string; kept: Kept | null; note: string }
  | { state: "grown"; kept: Kept; size: bigint }
  | { state: "first"; size: bigint }
  | { state: "not-kept"; size: bigint };

export const OTHER_LOG = "the log has another name or key than the one that was kept";
const NO_CHECKPOINT = "the log gives no checkpoint";

function keptOn(shelf: Shelf | null): Kept | null {
  try {
    const found: unknown = JSON.parse(shelf?.getItem(PLACE) ?? "null");
    const { origin, note, key, at } = (found ?? {}) as Partial<Record<keyof Kept, unknown>>;
    const whole = [origin, note, key, at].every((text) => typeof text === "string");
    return whole ? (found as Kept) : null;
  } catch {
    return null; // closed, or not ours: as if nothing had been kept
  }
}

function keep(shelf: Shelf | null, kept: Kept): boolean {
  try {
    shelf?.setItem(PLACE, JSON.stringify(kept));
    return keptOn(shelf)?.note === kept.note;
  } catch {
    return false; // full, or closed
  }
}

/** Does the log continue what was kept? Then its newest checkpoint is kept instead; otherwise the old one stays. */
export async function followLog(log: Log, trust: Trust, shelf: Shelf | null, now: string): Promise<Followed> {
  const { origin, log: pinned } = trust;
  const kept = keptOn(shelf);
  const key = hex(pinned.key);
  const content = await log.fetched("checkpoint");
  const note = content ? noteOf(content) : "";
  const changed = (why: string): Followed => ({ state: "changed", why, kept, note });
  if (kept && (kept.origin !== origin || kept.key !== key)) return changed(OTHER_LOG);
  if (!content) return kept ? changed(NO_CHECKPOINT) : { state: "not-kept", size: 0n };
  try {
    const { size } = kept ? await checkGrowth(kept.note, note, pinned, log.fetched) : await openCheckpoint(note, pinned);
    const stored = keep(shelf, { origin, note, key, at: now });
    if (kept) return { state: "grown", kept, size };
    return { state: stored ? "first" : "not-kept", size };
  } catch (error) {
    if (error instanceof Refused) return changed(error.message);
    throw error;
  }
}

/** `why` not, or null where the log continues what was held. */
export interface Continued {
  why: string | null;
  note: string;
  size: bigint;
}

/** Does the log that is served continue a checkpoint out of a file? Null where the file's is another log. */
export async function continued(log: Log, trust: Trust, held: string): Promise<Continued | null> {
  const content = await log.fetched("checkpoint");
  const note = content ? noteOf(content) : "";
  if (note.split("\n", 1)[0] !== trust.origin) return null;
  try {
    const { size } = await checkGrowth(held, note, trust.log, log.fetched);
    return { why: null, note, size };
  } catch (error) {
    if (error instanceof Refused) return { why: error.message, note, size: 0n };
    throw error;
  }
}

function noteOf(content: Bytes): string {
  try {
    return decode(content);
  } catch {
    return "";
  }
}
