/** Did the log only grow since somebody kept a checkpoint of it?

A log that is rewritten and signed anew is whole in itself; only who remembers finds out. */

import { type Bytes, equal } from "./bytes.ts";
import { HASH_BYTES, nodeHash, rootOf, verifyConsistency } from "./merkle.ts";
import { type Checkpoint, type NoteKey, openCheckpoint } from "./notes.ts";
import { Refused } from "./refusal.ts";

const WIDTH = 256;
export const SHORTER = "the log is shorter than it was: it was rolled back";
export const FORKED = "two checkpoints of one size differ: the log was forked, or its history changed";
export const CHANGED = "the log does not continue what was kept: its history was changed";

/** A tile by its path under the log's address; null where it is absent. It is not believed. */
export type Get = (path: string) => Promise<Bytes | null>;

/** The checkpoint `now`, a note, when it continues `kept`, an older one; Refused otherwise. */
export async function checkGrowth(kept: string, now: string, key: NoteKey, get: Get): Promise<Checkpoint> {
  const [old, grown] = [await openCheckpoint(kept, key), await openCheckpoint(now, key)];
  if (grown.size < old.size) throw new Refused(SHORTER);
  if (grown.size === old.size && !equal(grown.root, old.root)) throw new Refused(FORKED);
  if (old.size === 0n || old.size === grown.size) return grown;
  const proof = await new ServedTree(get, Number(grown.size)).consistency(Number(old.size));
  const sizes = { size1: old.size, size2: grown.size };
  const right = await verifyConsistency({ ...sizes, root1: old.root, root2: grown.root, proof });
  if (!right) throw new Refused(CHANGED);
  return grown;
}

/** The largest power of two smaller than `size`. */
function split(size: number): number {
  let half = 1;
  while (2 * half < size) half *= 2;
  return half;
}

function pathOf(level: number, index: number, width: number): string {
  let name = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest; rest = Math.floor(rest / 1000))
    name = `x${String(rest % 1000).padStart(3, "0")}/${name}`;
  return `tile/${level}/${name}${width === WIDTH ? "" : `.p/${width}`}`;
}

class ServedTree {
  private readonly get: Get;
  private readonly size: number;

  constructor(get: Get, size: number) {
    this.get = get;
    this.size = size;
  }

  /** From a smaller tree to this one (RFC 6962 §2.1.2). */
  async consistency(from: number): Promise<Bytes[]> {
    let [start, end, whole] = [0, this.size, true];
    const path: Bytes[] = [];
    while (end !== from) {
      const middle = start + split(end - start);
      if (from <= middle) {
        path.push(await this.range(middle, end));
        end = middle;
      } else {
        path.push(await this.range(start, middle));
        [start, whole] = [middle, false];
      }
    }
    if (!whole) path.push(await this.range(start, end));
    return path.reverse();
  }

  /** Root of leaves [start, end), a subtree that can be divided at `start`. */
  private async range(start: number, end: number): Promise<Bytes> {
    const size = end - start;
    const half = split(size);
    if (size > 1 && 2 * half !== size) {
      const middle = start + half;
      return nodeHash(await this.range(start, middle), await this.range(middle, end));
    }
    let [level, unit] = [0, 1];
    while (unit * WIDTH <= size) [level, unit] = [level + 1, unit * WIDTH];
    return rootOf(await this.hashes(level, start / unit, end / unit));
  }

  private async hashes(level: number, start: number, end: number): Promise<Bytes[]> {
    const index = Math.floor(start / WIDTH);
    const width = Math.min(WIDTH, Math.floor(this.size / WIDTH ** level) - index * WIDTH);
    const path = pathOf(level, index, width);
    const content = await this.get(path);
    if (content?.length !== width * HASH_BYTES) throw new Refused(`missing, or cut short: ${path}`);
    const hash = (at: number): Bytes => content.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES);
    return Array.from({ length: end - start }, (_, at) => hash(start - index * WIDTH + at));
  }
}
