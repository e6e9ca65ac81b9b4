/** Strict reading of compact JWS, ES256 or RS256. */

import { type Bytes, fromBase64Url } from "./bytes.ts";
import { parseJson } from "./json.ts";
import { Refused } from "./refusal.ts";
import { type Shape, otherwise, strict, text } from "./shape.ts";

export const MAX_JWS_BYTES = 131_072;
const MAX_HEADER = 1_024;
const DOT = 46;
export const KEY_ID = /^https?:\/\/[\x21-\x7e]{1,512}$/;

/** Nothing else may stand here: no jwk, no x5c, no crit, no embedded trust of any kind. */
const HEADER = { alg: text, kid: text, typ: text };
export const header = strict(HEADER);
export type Header = Shape<typeof HEADER>;

const perhapsText = otherwise(text, "");
export const JWK = {
  kty: text,
  crv: perhapsText,
  x: perhapsText,
  y: perhapsText,
  n: perhapsText,
  e: perhapsText,
};
/** Shortest and longest signature. */
const lengths = new Map<string, [number, number]>([
  ["ES256", [64, 64]],
  ["RS256", [256, 512]],
]);
const EXPONENT = "AQAB";

export interface Jws {
  header: Header;
  payload: Bytes;
  signature: Bytes;
  signed: Bytes;
}

/** `headerOf`: what the first part has to be, where it is not a record's or a list's. */
export function parseJws(compact: Bytes, headerOf: (part: Bytes) => Header = readHeader): Jws {
  if (compact.length > MAX_JWS_BYTES) throw new Refused("JWS too long");
  const first = compact.indexOf(DOT);
  const last = compact.lastIndexOf(DOT);
  const middle = compact.subarray(first + 1, last);
  if (first === last || middle.includes(DOT) || first > MAX_HEADER) throw new Refused("not a compact JWS");
  const read = headerOf(compact.subarray(0, first));
  const signature = fromBase64Url(compact.subarray(last + 1));
  const [shortest, longest] = lengths.get(read.alg) ?? [1, 0];
  if (signature.length < shortest || signature.length > longest) throw new Refused("signature of the wrong length");
  return { header: read, payload: fromBase64Url(middle), signature, signed: compact.slice(0, last) };
}

const latin = (content: Bytes): string =>
  Array.from(content, (byte) => String.fromCharCode(byte)).join("");

export function readHeader(part: Bytes, types = ["JWT", "vc+jwt"]): Header {
  const raw = fromBase64Url(part);
  const found = latin(raw);
  const once = ["alg", "kid", "typ"].every((name) => found.split(`"${name}"`).length === 2);
  if (found.includes("\\") || !once) throw new Refused("header member missing or given twice");
  let read: Header;
  try {
    read = header(parseJson(raw));
  } catch {
    throw new Refused("header with other members than alg, kid, typ");
  }
  if (!lengths.has(read.alg) || !types.includes(read.typ))
    throw new Refused("header with a foreign algorithm or type");
  if (!KEY_ID.test(read.kid)) throw new Refused("key id that is no address");
  return read;
}

const P256 = { name: "ECDSA", namedCurve: "P-256" };
const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

export async function publicKey(jwk: Shape<typeof JWK>): Promise<CryptoKey> {
  if (jwk.kty === "RSA") return rsaKey(jwk);
  if (jwk.kty !== "EC" || jwk.crv !== "P-256" || jwk.n || jwk.e) throw new Refused("not a P-256 key");
  const [x, y] = [fromBase64Url(jwk.x), fromBase64Url(jwk.y)];
  if (x.length !== 32 || y.length !== 32) throw new Refused("not a P-256 key");
  try {
    const { kty, crv } = jwk;
    const point = { kty, crv, x: jwk.x, y: jwk.y, ext: true };
    return await crypto.subtle.importKey("jwk", point, P256, false, ["verify"]);
  } catch {
    throw new Refused("not a point of P-256");
  }
}

async function rsaKey(jwk: Shape<typeof JWK>): Promise<CryptoKey> {
  const n = fromBase64Url(jwk.n);
  const odd = jwk.crv || jwk.x || jwk.y || jwk.e !== EXPONENT;
  if (odd || n.length < 256 || n.length > 512 || n[0] === 0)
    throw new Refused("not an RSA key that is used here");
  const key = { kty: "RSA", n: jwk.n, e: jwk.e, ext: true };
  try {
    return await crypto.subtle.importKey("jwk", key, RSA, false, ["verify"]);
  } catch {
    throw new Refused("not an RSA key that is used here");
  }
}

/** A key has one algorithm, whatever the header wishes. */
export async function checkSignature(jws: Jws, key: CryptoKey): Promise<void> {
  const own = key.algorithm.name === RSA.name ? "RS256" : "ES256";
  const algorithm = { name: key.algorithm.name, hash: "SHA-256" };
  const holds = own === jws.header.alg && (await crypto.subtle.verify(algorithm, key, jws.signature, jws.signed));
  if (!holds)
    throw new Refused("the signature does not hold");
}
