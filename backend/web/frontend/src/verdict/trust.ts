/** What a verifier pins: issuers with their keys, and the log. Never taken from a bundle. */

import { type Bytes, hex } from "./bytes.ts";
import { JWK, publicKey } from "./jws.ts";
import { parseJson } from "./json.ts";
import { type NoteKey, noteKey, witnessKey } from "./notes.ts";
import { Refused } from "./refusal.ts";
import { list, open, otherwise, perhaps, type Shape, strict, text, truth, whole } from "./shape.ts";

const MAX_TRUST_BYTES = 1_000_000;
const MAX_WITNESSES = 15;

const KEY = {
  kid: text,
  jwk: strict(JWK),
  addedAt: text,
  fromIndex: otherwise(whole, 0n),
  retiredAt: perhaps(text),
  compromisedAtIndex: perhaps(whole),
};
const ISSUER = {
  id: text,
  name: text,
  demonstration: truth,
  address: text,
  recordKeys: list(open(KEY)),
  statusKeys: list(open(KEY)),
};
const trustOf = open({
  v: whole,
  issuers: list(open(ISSUER)),
  log: open({ origin: text, key: text, witnesses: otherwise(list(text), []), quorum: otherwise(whole, 0n) }),
});

export type TrustedKey = Shape<typeof KEY>;
export type TrustedIssuer = Shape<typeof ISSUER>;

export interface Trust {
  issuers: TrustedIssuer[];
  origin: string;
  log: NoteKey;
  /** Who watches the log for whoever checks, and how many of them must have signed. */
  witnesses: NoteKey[];
  quorum: number;
  publicKeys: Map<TrustedKey, CryptoKey>;
}

/** Refused when it is not a whole trust file: a damaged pin must not pass for a small one. */
export async function parseTrust(content: Bytes): Promise<Trust> {
  if (content.length > MAX_TRUST_BYTES) throw new Refused("trust file too long");
  let pins: ReturnType<typeof trustOf>;
  try {
    pins = trustOf(parseJson(content));
  } catch {
    throw new Refused("not a trust file");
  }
  if (pins.v !== 1n) throw new Refused("trust file of an unknown version");
  const publicKeys = new Map<TrustedKey, CryptoKey>();
  for (const issuer of pins.issuers)
    for (const key of [...issuer.recordKeys, ...issuer.statusKeys])
      publicKeys.set(key, await publicKey(key.jwk));
  const log = await noteKey(pins.log.key);
  if (log.name !== pins.log.origin) throw new Refused("trust: the log's key is of another origin");
  const witnesses = await witnessesOf(pins.log.witnesses, pins.log.quorum, log);
  const { origin, quorum } = pins.log;
  return { issuers: pins.issuers, origin, log, witnesses, quorum: Number(quorum), publicKeys };
}

/** Refused where one key could count twice, or more are asked for than there are. */
async function witnessesOf(vkeys: string[], quorum: bigint, log: NoteKey): Promise<NoteKey[]> {
  const keys = await Promise.all(vkeys.map(witnessKey));
  if (new Set([log, ...keys].map(({ key }) => hex(key))).size !== keys.length + 1)
    throw new Refused("trust: a witness is named twice, or is the log itself");
  if (keys.length > MAX_WITNESSES || quorum < 0n || quorum > BigInt(keys.length))
    throw new Refused("trust: more witnesses are asked for than there are");
  return keys;
}

/** null unless exactly one has this id. */
export function recordKey(trust: Trust, kid: string): { issuer: TrustedIssuer; key: TrustedKey } | null {
  const found = trust.issuers.flatMap((issuer) =>
    issuer.recordKeys.filter((key) => key.kid === kid).map((key) => ({ issuer, key })),
  );
  return found.length === 1 ? (found[0] ?? null) : null;
}

export function statusKey(trust: Trust, issuer: string, kid: string): TrustedKey | null {
  const keys = trust.issuers.filter(({ id }) => id === issuer).flatMap(({ statusKeys }) => statusKeys);
  const found = keys.filter((key) => key.kid === kid);
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** Why a record logged at `index` cannot rest on this key. */
export function whyNotAt(key: TrustedKey, index: bigint): string | null {
  if (index < key.fromIndex) return "logged before the key was announced";
  if (key.compromisedAtIndex !== null && index >= key.compromisedAtIndex)
    return "logged after the key was compromised";
  return null;
}
