/** Offline proof that an entry is in the log: c2sp.org/tlog-proof@v1, the entry in `extra`. */

import { type Bytes, decode, fromBase64, textLength } from "./bytes.ts";
import { HASH_BYTES, leafHash, verifyInclusion } from "./merkle.ts";
import type { Checkpoint } from "./notes.ts";
import { Refused } from "./refusal.ts";

const HEADER = "c2sp.org/tlog-proof@v1";
const INDEX = /^index (0|[1-9][0-9]{0,18})$/;
const MAX_PROOF = 200_000;
export const MAX_PROOF_BYTES = MAX_PROOF;

export interface Proof {
  index: bigint;
  hashes: Bytes[];
  /** The checkpoint, verbatim. */
  note: string;
  entry: Bytes;
}

export function parseProof(content: Bytes): Proof {
  const text = decode(content);
  if (textLength(text) > MAX_PROOF) throw new Refused("proof too long");
  const blank = text.indexOf("\n\n");
  const lines = text.slice(0, blank).split("\n");
  const [header, extra = "", index = ""] = lines;
  if (blank < 0 || lines.length < 3 || header !== HEADER) throw new Refused("not a tlog-proof@v1");
  const found = INDEX.exec(index);
  if (!extra.startsWith("extra ") || !found) throw new Refused("proof without its entry or index");
  const hashes = lines.slice(3).map(fromBase64);
  if (hashes.length > 63 || hashes.some((node) => node.length !== HASH_BYTES))
    throw new Refused("proof of wrong length");
  const entry = fromBase64(extra.slice(6));
  return { index: BigInt(found[1] as string), hashes, note: text.slice(blank + 2), entry };
}

/** `checkpoint` is the proof's own note, opened. */
export async function checkInclusion(proof: Proof, checkpoint: Checkpoint): Promise<void> {
  const included = await verifyInclusion({
    leaf: await leafHash(proof.entry),
    index: proof.index,
    size: checkpoint.size,
    proof: proof.hashes,
    root: checkpoint.root,
  });
  if (!included) throw new Refused("the proof does not lead to the signed root");
}
