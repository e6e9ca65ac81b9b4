/** What witnesses say of a checkpoint: c2sp.org/tlog-cosignature, `cosignature/v1`, Ed25519.

A witness signs a checkpoint, with the time, once it saw that the log continues every checkpoint it
signed before. Where enough of them signed, nobody is being shown a log of his own. */

import { encode, equal } from "./bytes.ts";
import { ed25519Holds, type NoteKey, readNote } from "./notes.ts";

const BYTES = 4 + 8 + 64; // key id, seconds since 1970, signature

export interface Cosigned {
  name: string;
  /** Seconds since 1970, as the witness's own clock had it. */
  at: bigint;
}

/** When this witness signed; null where no line of it holds. */
export async function cosignedBy(note: string, witness: NoteKey): Promise<bigint | null> {
  const { text, signatures } = readNote(note);
  for (const { name, content } of signatures) {
    if (name !== witness.name || !equal(content.slice(0, 4), witness.id) || content.length !== BYTES) continue;
    const at = new DataView(content.buffer, content.byteOffset).getBigUint64(4);
    const said = encode(`cosignature/v1\ntime ${at}\n${text}`);
    if (await ed25519Holds(witness.key, content.slice(12), said)) return at;
  }
  return null;
}
