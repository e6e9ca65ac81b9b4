/** JSON as it stands: doubled members and the spelling of numbers are kept for the caller to judge.

`JSON.parse` keeps the last of two equal members and takes 1.0 for 1, so two readers could see two
records in one text. Also canonical JSON (RFC 8785). */

import { type Bytes, decode, encode, equal } from "./bytes.ts";
import { Refused } from "./refusal.ts";

export class Num {
  readonly token: string;
  constructor(token: string) {
    this.token = token;
  }
  get whole(): boolean {
    return !/[.eE]/.test(this.token);
  }
}

export class Obj {
  readonly members: [string, Json][] = [];
}

export type Json = null | boolean | string | Num | Json[] | Obj;

const NOT_JSON = "not JSON";
const DEEPEST = 256;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const WORDS: [string, Json][] = [["null", null], ["true", true], ["false", false]];
const ESCAPES: Record<string, string> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class Reader {
  private at = 0;
  private readonly text: string;
  private readonly finite: boolean;

  constructor(text: string, finite: boolean) {
    this.text = text;
    this.finite = finite;
  }

  document(): Json {
    const value = this.value(0);
    this.match(SPACE);
    if (this.at !== this.text.length) throw new Refused(NOT_JSON);
    return value;
  }

  private match(form: RegExp): string {
    form.lastIndex = this.at;
    const found = form.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  /** Past spaces, then past `sign` when it is there. */
  private past(sign: string): boolean {
    this.match(SPACE);
    if (this.text[this.at] !== sign) return false;
    this.at++;
    return true;
  }

  private needed(sign: string): void {
    if (!this.past(sign)) throw new Refused(NOT_JSON);
  }

  private value(depth: number): Json {
    if (depth > DEEPEST) throw new Refused(NOT_JSON);
    if (this.past("{")) return this.object(depth);
    if (this.past("[")) return this.array(depth);
    if (this.past('"')) return this.string();
    for (const [word, value] of WORDS)
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    const token = this.match(NUMBER);
    const number = new Num(token);
    const tooLarge = this.finite && !number.whole && !Number.isFinite(Number(token));
    if (!token || tooLarge) throw new Refused(NOT_JSON);
    return number;
  }

  private object(depth: number): Obj {
    const found = new Obj();
    if (this.past("}")) return found;
    do {
      this.needed('"');
      const name = this.string();
      this.needed(":");
      found.members.push([name, this.value(depth + 1)]);
    } while (this.past(","));
    this.needed("}");
    return found;
  }

  private array(depth: number): Json[] {
    const found: Json[] = [];
    if (this.past("]")) return found;
    do found.push(this.value(depth + 1));
    while (this.past(","));
    this.needed("]");
    return found;
  }

  private string(): string {
    let text = this.match(PLAIN);
    while (this.text[this.at] === "\\") {
      text += this.escaped();
      text += this.match(PLAIN);
    }
    if (this.text[this.at++] !== '"') throw new Refused(NOT_JSON);
    return text;
  }

  private escaped(): string {
    const sign = this.text[this.at + 1] ?? "";
    this.at += 2;
    if (sign !== "u") {
      const plain = ESCAPES[sign];
      if (plain === undefined) throw new Refused(NOT_JSON);
      return plain;
    }
    const unit = this.unit();
    if (unit >> 11 !== 0x1b) return String.fromCharCode(unit);
    // Half of a character: the other half has to follow.
    const pair = unit >> 10 === 0x36 && this.text.startsWith("\\u", this.at);
    this.at += 2;
    const low = pair ? this.unit() : 0;
    if (low >> 10 !== 0x37) throw new Refused(NOT_JSON);
    return String.fromCharCode(unit, low);
  }

  private unit(): number {
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new Refused(NOT_JSON);
    this.at += 4;
    return parseInt(digits, 16);
  }
}

/** `finite`: no number beyond all bounds, not even where another member takes its place. */
export function parseJson(content: Bytes, finite = false): Json {
  let text: string;
  try {
    text = decode(content);
  } catch {
    throw new Refused(NOT_JSON);
  }
  return new Reader(text, finite).document();
}

const byUnits = (one: [string, Json], other: [string, Json]): number =>
  one[0] < other[0] ? -1 : +(one[0] > other[0]);

function canonicalNumber(number: Num): string {
  const value = Number(number.token);
  if (!Number.isFinite(value)) throw new Refused(NOT_JSON);
  if (number.whole && !Number.isSafeInteger(value)) throw new Refused(NOT_JSON);
  return String(value);
}

/** RFC 8785; of doubled members the last one. */
export function canonical(value: Json): string {
  if (value instanceof Num) return canonicalNumber(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!(value instanceof Obj)) return JSON.stringify(value);
  const members = [...new Map(value.members)].sort(byUnits);
  return `{${members.map(([name, of]) => `${JSON.stringify(name)}:${canonical(of)}`).join(",")}}`;
}

/** JSON that is already in canonical form: no doubled members, no second spelling of a value. */
export function parseCanonical(content: Bytes): Json {
  const value = parseJson(content, true);
  if (!equal(encode(canonical(value)), content)) throw new Refused("not canonical JSON");
  return value;
}
