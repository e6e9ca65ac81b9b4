/** DEFLATE (RFC 1951) and gzip (RFC 1952), as strict as zlib and bounded.

The browsers' own reader is missing in many that are in use, and they differ about what follows. */

import type { Bytes } from "./bytes.ts";

export class Damaged extends Error {}
export class TooLong extends Error {}

const LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCES = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const DISTANCE_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const LONGEST = 15;
const END_OF_BLOCK = 256;

class Code {
  private readonly count = new Uint16Array(LONGEST + 1);
  private readonly symbols: number[] = [];

  /** `single`: a code of one sign of one bit may leave the other bit unused. */
  constructor(lengths: number[], single: boolean) {
    for (const length of lengths) if (length) this.count[length]!++;
    let left = 1;
    for (let length = 1; length <= LONGEST; length++) {
      left = 2 * left - this.count[length]!;
      if (left < 0) throw new Damaged();
      lengths.forEach((of, symbol) => of === length && this.symbols.push(symbol));
    }
    const lone = this.symbols.length === 0 || (single && this.count[1] === this.symbols.length);
    if (left > 0 && !lone) throw new Damaged();
  }

  read(bits: Bits): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= LONGEST; length++) {
      code |= bits.take(1);
      const count = this.count[length]!;
      if (code - count < first) return this.symbols[index + (code - first)]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new Damaged();
  }
}

class Bits {
  private held = 0;
  private count = 0;
  private readonly from: Uint8Array;
  at: number;

  constructor(from: Uint8Array, at: number) {
    this.from = from;
    this.at = at;
  }

  take(wanted: number): number {
    while (this.count < wanted) {
      if (this.at >= this.from.length) throw new Damaged();
      this.held |= this.from[this.at++]! << this.count;
      this.count += 8;
    }
    const value = this.held & ((1 << wanted) - 1);
    this.held >>>= wanted;
    this.count -= wanted;
    return value;
  }

  /** The rest of this byte is left alone. */
  align(): void {
    this.held = this.count = 0;
  }
}

class Output {
  content: Bytes = new Uint8Array(4096);
  length = 0;
  private readonly cap: number;

  constructor(cap: number) {
    this.cap = cap;
  }

  put(byte: number): void {
    if (this.length === this.cap) throw new TooLong();
    if (this.length === this.content.length) {
      const more = new Uint8Array(2 * this.length);
      more.set(this.content);
      this.content = more;
    }
    this.content[this.length++] = byte;
  }

  again(distance: number, length: number): void {
    if (distance > this.length) throw new Damaged();
    for (let left = length; left; left--) this.put(this.content[this.length - distance]!);
  }
}

const FIXED_LENGTHS = Array.from({ length: 288 }, (_, at) => (at < 144 ? 8 : at < 256 ? 9 : at < 280 ? 7 : 8));
const fixed = { lengths: new Code(FIXED_LENGTHS, true), distances: new Code(Array<number>(32).fill(5), true) };

function stored(bits: Bits, output: Output): void {
  bits.align();
  const size = bits.take(16);
  if (bits.take(16) !== (~size & 0xffff)) throw new Damaged();
  for (let left = size; left; left--) output.put(bits.take(8));
}

/** The lengths of both codes, which come packed by a third. */
function described(bits: Bits): { lengths: Code; distances: Code } {
  const [many, far, packed] = [bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4];
  if (many > 286 || far > 30) throw new Damaged();
  const own = Array<number>(19).fill(0);
  for (let at = 0; at < packed; at++) own[ORDER[at]!] = bits.take(3);
  const code = new Code(own, false);
  const all: number[] = [];
  while (all.length < many + far) {
    const symbol = code.read(bits);
    if (symbol < 16) {
      all.push(symbol);
      continue;
    }
    if (symbol === 16 && all.length === 0) throw new Damaged();
    const value = symbol === 16 ? all[all.length - 1]! : 0;
    const times = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    if (all.length + times > many + far) throw new Damaged();
    for (let left = times; left; left--) all.push(value);
  }
  if (!all[END_OF_BLOCK]) throw new Damaged();
  return { lengths: new Code(all.slice(0, many), true), distances: new Code(all.slice(many), true) };
}

function packed(bits: Bits, output: Output, codes: { lengths: Code; distances: Code }): void {
  for (;;) {
    const symbol = codes.lengths.read(bits);
    if (symbol === END_OF_BLOCK) return;
    if (symbol < END_OF_BLOCK) {
      output.put(symbol);
      continue;
    }
    const place = symbol - 257;
    if (place >= LENGTHS.length) throw new Damaged();
    const length = LENGTHS[place]! + bits.take(LENGTH_BITS[place]!);
    const far = codes.distances.read(bits);
    if (far >= DISTANCES.length) throw new Damaged();
    output.again(DISTANCES[far]! + bits.take(DISTANCE_BITS[far]!), length);
  }
}

export interface Inflated {
  content: Bytes;
  /** Where what follows begins. */
  end: number;
}

/** TooLong beyond `cap` bytes. */
export function inflate(from: Uint8Array, at: number, cap: number): Inflated {
  const bits = new Bits(from, at);
  const output = new Output(cap);
  let last = 0;
  while (!last) {
    last = bits.take(1);
    const kind = bits.take(2);
    if (kind === 3) throw new Damaged();
    if (kind === 0) stored(bits, output);
    else packed(bits, output, kind === 1 ? fixed : described(bits));
  }
  return { content: output.content.slice(0, output.length), end: bits.at };
}

const CRC = Uint32Array.from({ length: 256 }, (_, start) => {
  let value = start;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

export function crc32(content: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of content) value = (value >>> 8) ^ CRC[(value ^ byte) & 0xff]!;
  return ~value >>> 0;
}

const [HAS_CHECKSUM, HAS_EXTRA, HAS_NAME, HAS_COMMENT, RESERVED] = [2, 4, 8, 16, 0xe0];

/** Where the packed bytes begin. */
function pastHeader(from: Uint8Array): number {
  const flags = from[3] ?? RESERVED;
  if (from[0] !== 0x1f || from[1] !== 0x8b || from[2] !== 8 || flags & RESERVED) throw new Damaged();
  let at = 10;
  if (flags & HAS_EXTRA) at += 2 + (from[at] ?? 0) + 256 * (from[at + 1] ?? 0);
  for (const flag of [HAS_NAME, HAS_COMMENT]) if (flags & flag) at = from.indexOf(0, at) + 1 || from.length;
  if (flags & HAS_CHECKSUM) {
    const checksum = crc32(from.subarray(0, at)) & 0xffff;
    if (from[at] !== (checksum & 0xff) || from[at + 1] !== checksum >> 8) throw new Damaged();
    at += 2;
  }
  return at;
}

/** One gzip member and nothing after it. */
export function gunzip(from: Bytes, cap: number): Bytes {
  const { content, end } = inflate(from, pastHeader(from), cap);
  if (from.length !== end + 8) throw new Damaged();
  const told = new DataView(from.buffer, from.byteOffset + end, 8);
  if (told.getUint32(0, true) !== crc32(content)) throw new Damaged();
  if (told.getUint32(4, true) !== content.length) throw new Damaged();
  return content;
}
