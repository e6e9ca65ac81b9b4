/** What a leaf of the log says: canonical JSON of hashes and random ids, nothing else. */

import type { Bytes } from "./bytes.ts";
import { parseCanonical } from "./json.ts";
import { Refused } from "./refusal.ts";
import { one, otherwise, type Shape, strict, text, whole } from "./shape.ts";

const MAX_ENTRY_BYTES = 65_535;
const SHA256 = /^[0-9a-f]{64}$/;

export const KINDS = [
  "record.issued",
  "record.suspended",
  "record.reinstated",
  "record.revoked",
  "record.superseded",
  "key.added",
  "key.retired",
  "key.compromised",
  "status.published",
  "edition.published",
  "address.changed",
  "audit.head",
  "clock.corrected",
];

const LEAF = {
  v: otherwise(whole, 1n),
  type: one(...KINDS),
  ts: text,
  kid: text,
  sha256: text,
  ref: text,
};
const leafOf = strict(LEAF);

export type Leaf = Shape<typeof LEAF>;

export function parseLeaf(entry: Bytes): Leaf {
  if (entry.length > MAX_ENTRY_BYTES) throw new Refused("entry too long");
  const value = parseCanonical(entry);
  let leaf: Leaf;
  try {
    leaf = leafOf(value);
  } catch {
    throw new Refused("not an entry of this log");
  }
  if (leaf.v !== 1n || !SHA256.test(leaf.sha256)) throw new Refused("entry of an unknown version");
  return leaf;
}

/** The one spelling of an entry: members in order, nothing between them. */
export function entryOf(leaf: Omit<Leaf, "v">): string {
  const { kid, ref, sha256, ts, type } = leaf;
  return JSON.stringify({ kid, ref, sha256, ts, type, v: 1 });
}
