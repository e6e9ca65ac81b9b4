/** What a JSON value has to look like, member by member; all of two equal members are looked at. */

import { type Json, Num, Obj } from "./json.ts";

/** Caught where it is known what the whole should have been. */
export class Mismatch extends Error {}

export type Read<T> = (value: Json) => T;
type Members = Record<string, Read<unknown>>;
export type Shape<M extends Members> = { [name in keyof M]: ReturnType<M[name]> };

const LONGEST_WHOLE = 4300;

function expected(right: boolean): asserts right {
  if (!right) throw new Mismatch();
}

export const text: Read<string> = (value) => {
  expected(typeof value === "string");
  return value;
};

export const whole: Read<bigint> = (value) => {
  expected(value instanceof Num && value.whole && value.token.length <= LONGEST_WHOLE);
  return BigInt(value.token);
};

export const number: Read<number> = (value) => {
  expected(value instanceof Num);
  const found = Number(value.token);
  expected(Number.isFinite(found));
  return found;
};

export const truth: Read<boolean> = (value) => {
  expected(typeof value === "boolean");
  return value;
};

export const one =
  <T extends string>(...words: T[]): Read<T> =>
  (value) => {
    expected((words as Json[]).includes(value));
    return value as T;
  };

export const list =
  <T>(item: Read<T>): Read<T[]> =>
  (value) => {
    expected(Array.isArray(value));
    return value.map(item);
  };

/** A list of this word alone. */
export const only =
  <T extends string>(word: T): Read<T[]> =>
  (value) => {
    expected(Array.isArray(value) && value.length === 1);
    return value.map(one(word));
  };

/** May be absent or null. */
export function perhaps<T>(item: Read<T>): Read<T | null> {
  const read: Read<T | null> = (value) => (value === null ? null : item(value));
  optional.set(read, null);
  return read;
}

/** May be absent; of equal members the last one is not null. */
export function sometimes<T>(item: Read<T>): Read<T | null> {
  const read = perhaps(item);
  neverNull.add(read);
  return read;
}

/** May be absent, then it is `value`; never null. */
export function otherwise<T>(item: Read<T>, value: T): Read<T> {
  const read: Read<T> = (found) => item(found);
  optional.set(read, value);
  return read;
}

const optional = new WeakMap<Read<unknown>, unknown>();
const neverNull = new WeakSet<Read<unknown>>();

function read<M extends Members>(members: M, open: boolean, value: Json): Shape<M> {
  expected(value instanceof Obj);
  const found: Record<string, unknown> = {};
  for (const [name, content] of value.members) {
    const known = Object.hasOwn(members, name) ? members[name] : undefined;
    expected(known !== undefined || open);
    if (known) found[name] = known(content);
  }
  for (const [name, member] of Object.entries(members)) {
    expected(found[name] !== null || !neverNull.has(member));
    if (Object.hasOwn(found, name)) continue;
    expected(optional.has(member));
    found[name] = optional.get(member);
  }
  return found as Shape<M>;
}

/** No member but these. */
export const strict =
  <M extends Members>(members: M): Read<Shape<M>> =>
  (value) =>
    read(members, false, value);

/** These members; others are left alone. */
export const open =
  <M extends Members>(members: M): Read<Shape<M>> =>
  (value) =>
    read(members, true, value);
