/** Proofs of RFC 6962 trees (RFC 9162 §2.1.3, §2.1.4). Sizes have 64 bits, so they are BigInt. */

import { type Bytes, equal, joined, sha256 } from "./bytes.ts";

export const HASH_BYTES = 32;

export const leafHash = (entry: Bytes): Promise<Bytes> => sha256(joined(new Uint8Array([0]), entry));

export const nodeHash = (left: Bytes, right: Bytes): Promise<Bytes> =>
  sha256(joined(new Uint8Array([1]), left, right));

/** Root over consecutive roots of equal full subtrees. */
export async function rootOf(hashes: Bytes[]): Promise<Bytes> {
  let level = hashes;
  while (level.length > 1) {
    const above: Bytes[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at] as Bytes, level[at + 1]];
      above.push(right ? await nodeHash(left, right) : left);
    }
    level = above;
  }
  return level[0] ?? sha256(new Uint8Array(0));
}

export interface Inclusion {
  leaf: Bytes;
  index: bigint;
  size: bigint;
  proof: Bytes[];
  root: Bytes;
}

/** Does `proof` lead from the leaf hash at `index` to the root of a tree of `size` leaves? */
export async function verifyInclusion(asked: Inclusion): Promise<boolean> {
  if (asked.index < 0n || asked.index >= asked.size || asked.leaf.length !== HASH_BYTES) return false;
  let [position, last, node] = [asked.index, asked.size - 1n, asked.leaf];
  for (const sibling of asked.proof) {
    if (last === 0n || sibling.length !== HASH_BYTES) return false;
    if (position & 1n || position === last) {
      node = await nodeHash(sibling, node);
      while (!(position & 1n) && position) [position, last] = [position >> 1n, last >> 1n];
    } else {
      node = await nodeHash(node, sibling);
    }
    [position, last] = [position >> 1n, last >> 1n];
  }
  return last === 0n && equal(node, asked.root);
}

export interface Consistency {
  size1: bigint;
  root1: Bytes;
  size2: bigint;
  root2: Bytes;
  proof: Bytes[];
}

/** Is the tree of `size1` leaves a beginning of the tree of `size2` leaves? */
export async function verifyConsistency(asked: Consistency): Promise<boolean> {
  const { size1, root1, size2, root2, proof } = asked;
  if (size1 === size2) return size1 > 0n && proof.length === 0 && equal(root1, root2);
  if (size1 <= 0n || size1 > size2 || proof.length === 0) return false;
  if (proof.some((node) => node.length !== HASH_BYTES)) return false;
  const path = (size1 & (size1 - 1n)) === 0n ? [root1, ...proof] : proof;
  let [position, last] = [size1 - 1n, size2 - 1n];
  while (position & 1n) [position, last] = [position >> 1n, last >> 1n];
  let [old, grown] = [path[0] as Bytes, path[0] as Bytes];
  for (const sibling of path.slice(1)) {
    if (last === 0n) return false;
    if (position & 1n || position === last) {
      [old, grown] = [await nodeHash(sibling, old), await nodeHash(sibling, grown)];
      while (!(position & 1n) && position) [position, last] = [position >> 1n, last >> 1n];
    } else {
      grown = await nodeHash(grown, sibling);
    }
    [position, last] = [position >> 1n, last >> 1n];
  }
  return last === 0n && equal(old, root1) && equal(grown, root2);
}
