/** A printed record: a PDF with the bundle inside and the issuer's seal over every byte. Twin of
backend/records/verdict/printed.py, check by check and word by word. */

import { type Bytes, digest, encode, joined } from "./bytes.ts";
import { MAX_BUNDLE_BYTES } from "./bundle.ts";
import { inflate } from "./inflate.ts";
import { parseCanonical } from "./json.ts";
import { checkSignature, parseJws, readHeader } from "./jws.ts";
import { Refused } from "./refusal.ts";
import { type Shape, strict, text, whole } from "./shape.ts";
import { recordKey, type Trust } from "./trust.ts";

export const MAX_PDF_BYTES = 4_000_000;
const TYPE = "guanbiao-print+jwt";
const END_BYTES = 8_320;
const SEALED = /%guanbiao-seal-1 ([A-Za-z0-9_.-]{1,8192})\n(?=startxref\n[0-9]{1,10}\n%%EOF\n?$)/;
const LENGTH = /\/Length ([0-9]{1,8})(?![0-9]| [0-9]+ R)/;
const STREAM = /stream\r?\n/;
const [PDF, ZIP, OBJECT] = ["%PDF-", "/application#2Fzip", " obj"].map(encode) as [Bytes, Bytes, Bytes];
const DICTIONARY_BYTES = 1_024;
const NOT_OURS = "not a PDF as it is issued here: changed, or saved by another program";

const SEAL = {
  iss: text,
  iat: whole,
  name: text,
  print_sha256: text,
  record: text,
  record_sha256: text,
};
const seal = strict(SEAL);
export type Seal = Shape<typeof SEAL>;

export const isPdf = (content: Bytes): boolean => PDF.every((byte, at) => content[at] === byte);

const latin = (content: Bytes): string =>
  Array.from(content, (byte) => String.fromCharCode(byte)).join("");

function find(content: Bytes, wanted: Bytes, from: number): number {
  const first = wanted[0] as number;
  for (let at = content.indexOf(first, from); at >= 0; at = content.indexOf(first, at + 1))
    if (wanted.every((byte, place) => content[at + place] === byte)) return at;
  return -1;
}

function needed(right: boolean): asserts right {
  if (!right) throw new Refused(NOT_OURS);
}

/** The zip that is attached. One there must be, and one only: no reader may see another one. */
export function bundleIn(content: Bytes): Bytes {
  if (content.length > MAX_PDF_BYTES) throw new Refused("PDF too large");
  const at = isPdf(content) ? find(content, ZIP, 0) : -1;
  needed(at >= 0 && find(content, ZIP, at + 1) < 0);
  const before = Math.max(0, at - DICTIONARY_BYTES);
  const start = latin(content.subarray(before, at)).lastIndexOf(latin(OBJECT));
  const opens = STREAM.exec(latin(content.subarray(at, at + DICTIONARY_BYTES)));
  needed(start >= 0 && opens !== null);
  const about = latin(content.subarray(before + start, at + opens.index));
  const from = at + opens.index + opens[0].length;
  const length = LENGTH.exec(about)?.[1];
  needed(length !== undefined);
  const end = from + Number(length);
  needed(/^[\r\n]*endstream/.test(latin(content.subarray(end, end + 11))));
  const packed = content.slice(from, end);
  return about.includes("/Filter") ? inflated(packed, about) : packed;
}

function inflated(packed: Bytes, about: string): Bytes {
  needed(about.includes("/FlateDecode"));
  try {
    return inflate(packed, 2, MAX_BUNDLE_BYTES).content;
  } catch {
    throw new Refused(NOT_OURS);
  }
}

/** Refused unless a trusted key of the record's own issuer sealed this very file for it. */
export async function readSeal(content: Bytes, record: Bytes, recordId: string, trust: Trust): Promise<Seal> {
  const from = Math.max(0, content.length - END_BYTES);
  const found = SEALED.exec(latin(content.subarray(from)));
  if (!found) throw new Refused("this file is not the one that was issued: its seal is missing");
  const token = parseJws(encode(found[1] as string), (part) => readHeader(part, [TYPE]));
  const known = recordKey(trust, token.header.kid);
  if (!known) throw new Refused(`sealed by a key that is not trusted: ${token.header.kid}`);
  if (known.key.compromisedAtIndex !== null)
    throw new Refused("sealed by a key that was compromised since: ask the holder to print anew");
  await checkSignature(token, trust.publicKeys.get(known.key) as CryptoKey);
  const claims = claimsOf(token.payload);
  if (claims.iss !== known.issuer.id) throw new Refused("sealed by another issuer");
  if (claims.record !== recordId || claims.record_sha256 !== (await digest(record)))
    throw new Refused("the seal belongs to another record");
  const at = from + found.index;
  const rest = joined(content.subarray(0, at), content.subarray(at + found[0].length));
  if (claims.print_sha256 !== (await digest(rest)))
    throw new Refused("this file is not the one that was issued: it was changed afterwards");
  return claims;
}

function claimsOf(payload: Bytes): Seal {
  const found = parseCanonical(payload);
  try {
    return seal(found);
  } catch {
    throw new Refused("a seal of another kind");
  }
}
