/** Signed notes and checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), Ed25519 only. */

import { type Bytes, base64, encode, equal, fromBase64, hex, joined, sha256, textLength } from "./bytes.ts";
import { SPACE } from "./credential.ts";
import { HASH_BYTES } from "./merkle.ts";
import { Refused } from "./refusal.ts";

/** Algorithms of note keys: of who writes a log, and of its witnesses. */
const [ED25519, COSIGNATURE] = [1, 4];
const [MAX_NOTE, MAX_SIGNATURES] = [16_384, 16];
const NAME = new RegExp(`^[^${SPACE}+]+$`, "u");
const NUMBER = /^(0|[1-9][0-9]{0,18})$/;
const CONTROL = /[\0-\x09\x0b-\x1f]/;

/** Who may sign: name (the log's origin, or a witness's own) and public key. */
export interface NoteKey {
  name: string;
  id: Bytes;
  key: Bytes;
}

/** The vkey form: `name+hash+key`. */
export async function noteKey(vkey: string, algorithm = ED25519): Promise<NoteKey> {
  const [name = "", id = "", ...rest] = vkey.split("+"); // the base64 part may itself contain a plus
  if (rest.length === 0 || !NAME.test(name)) throw new Refused("not a note key");
  const key = fromBase64(rest.join("+"));
  if (key[0] !== algorithm || key.length !== 33) throw new Refused("not an Ed25519 note key of this kind");
  const hash = (await sha256(joined(encode(`${name}\n`), key))).slice(0, 4);
  if (hex(hash) !== id) throw new Refused("note key and its hash differ");
  return { name, id: hash, key: key.slice(1) };
}

/** Refused where it is not a witness's. */
export const witnessKey = (vkey: string): Promise<NoteKey> => noteKey(vkey, COSIGNATURE);

export interface Checkpoint {
  origin: string;
  size: bigint;
  root: Bytes;
}

/** The checkpoint inside, once the pinned key's signature holds; Refused otherwise. */
export async function openCheckpoint(note: string, key: NoteKey): Promise<Checkpoint> {
  const found = checkpoint(await openNote(note, key));
  if (found.origin !== key.name) throw new Refused("the checkpoint is of another log");
  return found;
}

/** The signed text. Lines of other keys (witnesses) are left alone, as the format asks. */
async function openNote(note: string, key: NoteKey): Promise<string> {
  const { text, signatures } = readNote(note);
  const ours = signatures.filter(({ name, content }) => name === key.name && equal(content.slice(0, 4), key.id));
  if (!ours.length) throw new Refused("no signature by the pinned log key");
  for (const { content } of ours)
    if (!(await ed25519Holds(key.key, content.slice(4), encode(text))))
      throw new Refused("the log key's signature does not hold");
  return text;
}

/** By the browser, or by a library where the browser does not know the curve. */
export async function ed25519Holds(
  key: Bytes,
  signature: Bytes,
  content: Bytes,
  native = true,
): Promise<boolean> {
  if (signature.length !== 64) return false;
  try {
    if (!native) throw new Error("asked to do without");
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, signature, content);
  } catch {
    const { verifyAsync } = await import("@noble/ed25519");
    return verifyAsync(signature, content, key, { zip215: false }).catch(() => false);
  }
}

interface Signature {
  name: string;
  content: Bytes;
}

/** The text, and who is said to have signed it: name, then key id and signature. */
export function readNote(note: string): { text: string; signatures: Signature[] } {
  if (textLength(note) > MAX_NOTE) throw new Refused("note too long");
  if (CONTROL.test(note)) throw new Refused("control character in a note");
  const blank = note.lastIndexOf("\n\n");
  const lines = note.slice(blank + 2);
  if (blank < 1 || !lines.endsWith("\n")) throw new Refused("not a signed note");
  const signatures = lines.slice(0, -1).split("\n").map(signature);
  if (signatures.length > MAX_SIGNATURES) throw new Refused("too many signatures");
  return { text: `${note.slice(0, blank)}\n`, signatures };
}

function signature(line: string): Signature {
  const [dash, name = "", packed = "", ...more] = line.split(" ");
  if (line.split(" ").length < 3 || more.length || dash !== "—" || !NAME.test(name))
    throw new Refused("not a signature line");
  const content = fromBase64(packed);
  if (content.length < 5) throw new Refused("signature too short");
  return { name, content };
}

function checkpoint(text: string): Checkpoint {
  const lines = text.slice(0, -1).split("\n");
  const [origin = "", size = "", packed = ""] = lines;
  if (lines.length < 3 || lines.includes("") || !NUMBER.test(size)) throw new Refused("not a checkpoint");
  const root = fromBase64(packed);
  if (root.length !== HASH_BYTES) throw new Refused("root hash of the wrong length");
  return { origin, size: BigInt(size), root };
}

export const checkpointText = (of: Checkpoint): string =>
  `${of.origin}\n${of.size}\n${base64(of.root)}\n`;
