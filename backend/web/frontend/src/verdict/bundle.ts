/** The zip a holder hands over, read in one plain layout: see the Python twin's archive.py. */

import { type Bytes, equal } from "./bytes.ts";
import { crc32, inflate, TooLong } from "./inflate.ts";
import { MAX_JWS_BYTES } from "./jws.ts";
import { MAX_PROOF_BYTES } from "./log-proof.ts";
import { Refused } from "./refusal.ts";
import { PURPOSES, type Purpose } from "./status-list.ts";

export const MAX_BUNDLE_BYTES = 1_000_000;

/** A signed list and the proof that it was published in the log. */
export interface StatusEvidence {
  jws: Bytes;
  proof: Bytes;
}

/** Bytes as they came; nothing in here is believed before it was checked. */
export interface Bundle {
  record: Bytes;
  proof: Bytes | null;
  checkpoint: Bytes | null;
  status: Partial<Record<Purpose, StatusEvidence>>;
}

const CAPS = new Map<string, number>([
  ["record.jwt", MAX_JWS_BYTES],
  ["record.tlog-proof", MAX_PROOF_BYTES],
  ["checkpoint", 16_384],
  ["README.txt", 65_536],
  ...PURPOSES.flatMap((purpose): [string, number][] => [
    [`status/${purpose}.jwt`, MAX_JWS_BYTES],
    [`status/${purpose}.tlog-proof`, MAX_PROOF_BYTES],
  ]),
]);
const DAMAGED = "not a zip file, or a damaged one";
const [STORED, DEFLATED] = [0, 8];
const SIZES_FOLLOW = 8;
const FLAGS = 0b1000_0000_1110;
const [END_SIZE, DIRECTORY_SIZE, LOCAL_SIZE] = [22, 46, 30];
const [END_SIGN, DIRECTORY_SIGN, LOCAL_SIGN, FOLLOWING_SIGN] = [0x06054b50, 0x02014b50, 0x04034b50, 0x08074b50];

export function readBundle(content: Bytes): Bundle {
  if (content.length > MAX_BUNDLE_BYTES) throw new Refused("bundle too large");
  return assemble(readArchive(content));
}

interface Entry {
  name: Bytes;
  flags: number;
  method: number;
  /** Checksum, packed size, size. */
  told: number[];
  start: number;
}

const needed = (right: boolean): void => {
  if (!right) throw new Refused(DAMAGED);
};
const short = (view: DataView, at: number): number => view.getUint16(at, true);
const long = (view: DataView, at: number): number => view.getUint32(at, true);
const longs = (view: DataView, at: number): number[] => [0, 4, 8].map((step) => long(view, at + step));
const same = (one: number[], other: number[]): boolean => one.every((value, at) => value === other[at]);
const ascii = (name: Bytes): string => String.fromCharCode(...name.subarray(0, 64));

function readArchive(content: Bytes): Map<string, Bytes> {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const { directory, entries } = directoryOf(content, view);
  const members = new Map<string, Bytes>();
  let at = 0;
  for (const entry of entries) {
    const name = ascii(entry.name);
    const cap = CAPS.get(name);
    if (cap === undefined || name.length !== entry.name.length || members.has(name))
      throw new Refused("bundle with an unknown or doubled file");
    if (entry.method !== STORED && entry.method !== DEFLATED)
      throw new Refused("bundle in a compression that is not ours");
    const { packed, after } = packedOf(content, view, entry, at, directory);
    members.set(name, unpacked(entry, packed, name, cap));
    at = after;
  }
  needed(at === directory);
  return members;
}

function directoryOf(content: Bytes, view: DataView): { directory: number; entries: Entry[] } {
  const end = content.length - END_SIZE;
  needed(end >= 0 && long(view, end) === END_SIGN);
  const [disk, first, here, count] = [4, 6, 8, 10].map((step) => short(view, end + step)) as [number, number, number, number];
  needed(disk === 0 && first === 0 && short(view, end + 20) === 0 && here === count);
  const directory = long(view, end + 16);
  needed(directory + long(view, end + 12) === end);
  if (count > 2 * CAPS.size) throw new Refused("bundle with too many files");
  const entries: Entry[] = [];
  let at = directory;
  for (let left = count; left; left--) {
    needed(at + DIRECTORY_SIZE <= end && long(view, at) === DIRECTORY_SIGN);
    const flags = short(view, at + 8);
    needed(short(view, at + 34) === 0 && (flags & ~FLAGS) === 0);
    const [name, extra, comment] = [28, 30, 32].map((step) => short(view, at + step)) as [number, number, number];
    entries.push({
      name: content.subarray(at + DIRECTORY_SIZE, at + DIRECTORY_SIZE + name),
      flags,
      method: short(view, at + 10),
      told: longs(view, at + 16),
      start: long(view, at + 42),
    });
    at += DIRECTORY_SIZE + name + extra + comment;
  }
  needed(at === end);
  return { directory, entries };
}

function packedOf(
  content: Bytes,
  view: DataView,
  entry: Entry,
  start: number,
  directory: number,
): { packed: Bytes; after: number } {
  needed(entry.start === start && start + LOCAL_SIZE <= directory && long(view, start) === LOCAL_SIGN);
  const [name, extra] = [short(view, start + 26), short(view, start + 28)];
  const at = start + LOCAL_SIZE;
  needed(short(view, start + 6) === entry.flags && short(view, start + 8) === entry.method);
  needed(equal(content.subarray(at, at + name), entry.name));
  const follow = (entry.flags & SIZES_FOLLOW) !== 0;
  const sizes = longs(view, start + 14);
  needed(same(sizes, entry.told) || (follow && same(sizes, [0, 0, 0])));
  const from = at + name + extra;
  const end = from + (entry.told[1] as number);
  const after = follow ? end + following(content, end, entry.told) : end;
  needed(after <= directory);
  return { packed: content.subarray(from, end), after };
}

/** Bytes that repeat checksum and sizes after the content, with or without a sign. */
function following(content: Bytes, at: number, told: number[]): number {
  const found = content.slice(at, at + 16);
  const view = new DataView(found.buffer);
  if (found.length === 16 && long(view, 0) === FOLLOWING_SIGN && same(longs(view, 4), told)) return 16;
  needed(found.length >= 12 && same(longs(view, 0), told));
  return 12;
}

function unpacked(entry: Entry, packed: Bytes, name: string, cap: number): Bytes {
  const content = entry.method === STORED ? packed.slice() : inflated(packed, name, cap);
  if (content.length > cap) throw new Refused(`${name} too large`);
  needed(content.length === entry.told[2] && crc32(content) === entry.told[0]);
  return content;
}

function inflated(packed: Bytes, name: string, cap: number): Bytes {
  try {
    const { content, end } = inflate(packed, 0, cap);
    if (end === packed.length) return content;
  } catch (error) {
    if (error instanceof TooLong) throw new Refused(`${name} too large`);
  }
  throw new Refused(DAMAGED);
}

function assemble(members: Map<string, Bytes>): Bundle {
  const record = members.get("record.jwt");
  if (!record) throw new Refused("bundle without record.jwt");
  const status: Bundle["status"] = {};
  for (const purpose of PURPOSES) {
    const jws = members.get(`status/${purpose}.jwt`);
    const proof = members.get(`status/${purpose}.tlog-proof`) ?? new Uint8Array(0);
    if (jws) status[purpose] = { jws, proof };
  }
  return {
    record,
    proof: members.get("record.tlog-proof") ?? null,
    checkpoint: members.get("checkpoint") ?? null,
    status,
  };
}
