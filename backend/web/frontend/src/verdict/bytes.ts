/** Text and bytes in their one spelling; anything else is refused. */

import { Refused } from "./refusal.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE = STANDARD.replace("+/", "-_");

export const encode = (text: string): Bytes => encoder.encode(text);

/** Refused unless it is UTF-8; a mark of byte order stays what it is. */
export function decode(content: Bytes): string {
  try {
    return decoder.decode(content);
  } catch {
    throw new Refused("not text");
  }
}

/** As many as Python counts: code points, not halves of them. */
export function textLength(text: string): number {
  let count = text.length;
  for (let at = 0; at + 1 < text.length; at++)
    if (text.charCodeAt(at) >> 10 === 0x36 && text.charCodeAt(at + 1) >> 10 === 0x37) count--;
  return count;
}

export function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

export function joined(...parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export const hex = (content: Uint8Array): string =>
  Array.from(content, (byte) => byte.toString(16).padStart(2, "0")).join("");

export async function sha256(content: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", content));
}

/** SHA-256 in lower-case hexadecimal. */
export const digest = async (content: Bytes): Promise<string> => hex(await sha256(content));

const values = (alphabet: string): Int8Array => {
  const found = new Int8Array(128).fill(-1);
  Array.from(alphabet).forEach((sign, value) => (found[sign.charCodeAt(0)] = value));
  return found;
};
const STANDARD_VALUES = values(STANDARD);
const URL_VALUES = values(URL_SAFE);

/** null unless these signs are how the bytes are written: no sign too many, no bit left over. */
function unpadded(signs: Uint8Array, known: Int8Array): Bytes | null {
  if (signs.length % 4 === 1) return null;
  const content = new Uint8Array((signs.length * 3) >> 2);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const sign of signs) {
    const value = sign < 128 ? (known[sign] as number) : -1;
    if (value < 0) return null;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    content[at++] = held >> bits;
    held &= (1 << bits) - 1;
  }
  return held === 0 ? content : null;
}

/** Without padding. */
export function fromBase64Url(signs: Uint8Array | string): Bytes {
  const content = unpadded(typeof signs === "string" ? encode(signs) : signs, URL_VALUES);
  if (!content) throw new Refused("not base64url in its one spelling");
  return content;
}

/** Standard alphabet, with padding. */
export function fromBase64(text: string): Bytes {
  const bare = text.replace(/={1,2}$/, "");
  const content = text.length % 4 === 0 ? unpadded(encode(bare), STANDARD_VALUES) : null;
  if (!content) throw new Refused("not base64 in its one spelling");
  return content;
}

export const base64Url = (content: Uint8Array): string =>
  base64(content).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

export function base64(content: Uint8Array): string {
  return btoa(Array.from(content, (byte) => String.fromCharCode(byte)).join(""));
}
