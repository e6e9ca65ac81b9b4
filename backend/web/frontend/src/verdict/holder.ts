/** What a holder says of himself beside a record: twin of backend/records/verdict/holder.py.

An SD-JWT (RFC 9901) in the shape of SD-JWT VC. It is worth what the record is worth that it
belongs to: examine that first. */

import { base64Url, type Bytes, digest, encode, fromBase64Url, sha256 } from "./bytes.ts";
import { type Json, parseJson } from "./json.ts";
import { checkSignature, type Header, header, KEY_ID, parseJws } from "./jws.ts";
import { Refused } from "./refusal.ts";
import { list, one, type Read, type Shape, strict, text, whole } from "./shape.ts";
import { recordKey, type Trust } from "./trust.ts";

const TYPE = "urn:guanbiao:credential:holder:1";
const TYP = "dc+sd-jwt";
export const FIELDS = ["name", "id_document", "employer", "registration_number", "score"] as const;
export type Field = (typeof FIELDS)[number];
export const MAX_HOLDER_BYTES = 32_768;
const TILDE = 126;
const SPACES = [9, 10, 11, 12, 13, 32];

const CLAIMS = {
  iss: text,
  iat: whole,
  vct: text,
  record: text,
  record_sha256: text,
  _sd: list(text),
  _sd_alg: one("sha-256"),
};
type Claims = Shape<typeof CLAIMS>;
const claimsOf = strict(CLAIMS);

/** What was disclosed, by field. */
export interface Held {
  said: Map<Field, Json>;
  issuer: string;
  issuedAt: bigint;
}

/** What is disclosed about the holder of `record`. Refused unless a trusted key of the record's own
 * issuer signed it for this very record. */
export async function readHolder(compact: Bytes, record: Bytes, recordId: string, trust: Trust): Promise<Held> {
  if (compact.length > MAX_HOLDER_BYTES) throw new Refused("holder's file too long");
  const [signed, ...disclosures] = parts(compact);
  if (disclosures.pop()?.length !== 0) throw new Refused("not an SD-JWT without key binding");
  const token = parseJws(signed as Bytes, readHeader);
  const found = recordKey(trust, token.header.kid);
  if (!found) throw new Refused(`signed by a key that is not trusted: ${token.header.kid}`);
  if (found.key.compromisedAtIndex !== null)
    throw new Refused("signed by a key that was compromised since: ask the holder for a new one");
  await checkSignature(token, trust.publicKeys.get(found.key) as CryptoKey);
  const claims = readClaims(token.payload);
  if (claims.iss !== found.issuer.id || claims.vct !== TYPE) throw new Refused("of another issuer or another type");
  if (claims.record !== recordId || claims.record_sha256 !== (await digest(record)))
    throw new Refused("it belongs to another record");
  return { said: await disclosed(claims, disclosures), issuer: found.issuer.id, issuedAt: claims.iat };
}

/** Between tildes; without spaces around the whole. */
function parts(compact: Bytes): Bytes[] {
  let [start, end] = [0, compact.length];
  while (start < end && SPACES.includes(compact[start] as number)) start++;
  while (start < end && SPACES.includes(compact[end - 1] as number)) end--;
  const found: Bytes[] = [];
  for (let at = start; at <= end; at++)
    if (at === end || compact[at] === TILDE) {
      found.push(compact.slice(start, at));
      start = at + 1;
    }
  return found;
}

function readHeader(part: Bytes): Header {
  const read = typed(fromBase64Url(part), header, "header of another kind");
  // The algorithm is for the key to say. Whoever wrote the id of the key need not be trusted.
  if (read.typ !== TYP || !KEY_ID.test(read.kid)) throw new Refused("holder's file: header of another kind");
  return read;
}

function readClaims(payload: Bytes): Claims {
  const claims = typed(payload, claimsOf, "claims of another kind");
  if (new Set(claims._sd).size !== claims._sd.length) throw new Refused("a digest is given twice");
  return claims;
}

/** Typed, and in the one spelling in which it is written: no doubled or unknown member. */
function typed<T extends object>(content: Bytes, kind: Read<T>, otherwise: string): T {
  let value: T;
  try {
    value = kind(parseJson(content));
  } catch {
    throw new Refused(`holder's file: ${otherwise}`);
  }
  if (!sameSigns(encode(written(value)), content)) throw new Refused(`holder's file: ${otherwise}`);
  return value;
}

const written = (value: unknown): string => {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value).map(([name, of]) => `${JSON.stringify(name)}:${written(of)}`).join(",")}}`;
};

/** In whatever order. */
function sameSigns(one: Bytes, other: Bytes): boolean {
  const counts = new Int32Array(256);
  for (const sign of one) counts[sign] = (counts[sign] as number) + 1;
  for (const sign of other) counts[sign] = (counts[sign] as number) - 1;
  return counts.every((count) => count === 0);
}

async function disclosed(claims: Claims, disclosures: Bytes[]): Promise<Held["said"]> {
  const said: Held["said"] = new Map();
  for (const disclosure of disclosures) {
    if (!claims._sd.includes(base64Url(await sha256(disclosure))))
      throw new Refused("a disclosure that the issuer did not sign");
    const [name, value] = opened(disclosure);
    if (said.has(name)) throw new Refused(`${name} is disclosed twice`);
    said.set(name, value);
  }
  return said;
}

function opened(disclosure: Bytes): [Field, Json] {
  const content = fromBase64Url(disclosure);
  let found: Json = null;
  try {
    found = parseJson(content, true);
  } catch {
    // judged below
  }
  const [salt, name, value] = Array.isArray(found) && found.length === 3 ? found : [];
  if (typeof salt !== "string" || typeof name !== "string" || value === undefined)
    throw new Refused("a disclosure of another kind");
  if (!(FIELDS as readonly string[]).includes(name))
    throw new Refused(`a field that is not known: ${Array.from(name).slice(0, 40).join("")}`);
  return [name as Field, value];
}
