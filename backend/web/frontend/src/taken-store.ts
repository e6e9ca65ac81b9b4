/**
 * What was taken along, in IndexedDB: lessons, what was watched and answered of them and has not
 * been handed in. Written at once, so that a device that loses power loses a few seconds at most.
 */

import type { Standing } from "./stretch.ts";
import type { AnsweredOffline, DownloadFile, Span, TakenLease, WatchedOffline } from "./types.ts";

/** One lesson on this device. Of the learner nothing but a random id. */
export interface Taken {
  /** `learner/programme/lesson` */
  key: string;
  learner: string;
  programme: string;
  lesson: string;
  title: string;
  enrolment: string;
  lecture: string;
  durationSeconds: number;
  lease: TakenLease;
  /** Those that are played, with the poster and captions. */
  files: DownloadFile[];
  size: number;
  /** All files are here, whole. */
  ready: boolean;
  watched: Span[];
  standing: Standing;
}

export type Done = (
  | { kind: "watched"; event: WatchedOffline }
  | { kind: "answered"; event: AnsweredOffline }
) & {
  id: string;
  learner: string;
  key: string;
  /** The verdict that the learner has read, where it may yet change. */
  told?: string;
};

const NAME = "guanbiao-taken";
let opened: Promise<IDBDatabase> | null = null;

export const canKeep = (): boolean =>
  isSecureContext && "serviceWorker" in navigator && "caches" in window && "indexedDB" in window;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("lessons", { keyPath: "key" });
      asked.result.createObjectStore("done", { keyPath: "id" });
      asked.result.createObjectStore("cursors");
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  return opened;
}

type Shelf = "lessons" | "done" | "cursors";

/** One transaction over `shelves`: all of `work` or nothing. It may ask nothing of the network. */
async function write(shelves: Shelf[], work: (at: (shelf: Shelf) => IDBObjectStore) => void): Promise<void> {
  const database = await open();
  return new Promise((done, fail) => {
    const strict = { durability: "strict" } as const;
    const transaction = database.transaction(shelves, "readwrite", strict);
    transaction.oncomplete = () => done();
    transaction.onabort = () => fail(transaction.error);
    work((shelf) => transaction.objectStore(shelf));
  });
}

async function read<T>(shelf: Shelf, ask: (store: IDBObjectStore) => IDBRequest): Promise<T> {
  const database = await open();
  return new Promise((done, fail) => {
    const asked = ask(database.transaction(shelf).objectStore(shelf));
    asked.onsuccess = () => done(asked.result as T);
    asked.onerror = () => fail(asked.error);
  });
}

export const keyOf = (learner: string, programme: string, lesson: string): string => `${learner}/${programme}/${lesson}`;

export const taken = (key: string): Promise<Taken | undefined> => read("lessons", (store) => store.get(key));

export async function allTaken(learner: string): Promise<Taken[]> {
  const all = await read<Taken[]>("lessons", (store) => store.getAll());
  return all.filter((one) => one.learner === learner);
}

export async function allDone(learner: string): Promise<Done[]> {
  const all = await read<Done[]>("done", (store) => store.getAll());
  return all.filter((one) => one.learner === learner);
}

export const keepTaken = (lesson: Taken): Promise<void> =>
  write(["lessons"], (at) => at("lessons").put(lesson));

/** What was done and where the learner stands now, together. */
export const keepDone = (lesson: Taken, done: Done[]): Promise<void> =>
  write(["lessons", "done"], (at) => {
    at("lessons").put(lesson);
    for (const one of done) at("done").put(one);
  });

/** Changes each lesson by what is kept of it, in one transaction: nobody writes between. */
export async function revise(learner: string, change: (lesson: Taken, done: Done[]) => Taken): Promise<Taken[]> {
  let revised: Taken[] = [];
  await write(["lessons", "done"], (at) => {
    const lessons = at("lessons").getAll() as IDBRequest<Taken[]>;
    const done = at("done").getAll() as IDBRequest<Done[]>;
    done.onsuccess = () => {
      const mine = lessons.result.filter((one) => one.learner === learner);
      revised = mine.map((lesson) => change(lesson, done.result.filter((one) => one.key === lesson.key)));
      for (const lesson of revised) at("lessons").put(lesson);
    };
  });
  return revised;
}

/** Only as it was sent: what has grown meanwhile stays. */
export const dropDone = (sent: Done[]): Promise<void> =>
  write(["done"], (at) => {
    for (const one of sent) {
      const asked = at("done").get(one.id);
      asked.onsuccess = () => {
        if (JSON.stringify(asked.result) === JSON.stringify(one)) at("done").delete(one.id);
      };
    }
  });

/** The learner has read these verdicts: the same again would only be noise. */
export const noteTold = (told: Done[]): Promise<void> =>
  write(["done"], (at) => {
    for (const one of told) {
      const asked = at("done").get(one.id);
      asked.onsuccess = () => {
        if (asked.result) at("done").put({ ...(asked.result as Done), told: one.told } as Done);
      };
    }
  });

export const forgetTaken = (lesson: Taken, done: Done[]): Promise<void> =>
  write(["lessons", "done"], (at) => {
    at("lessons").delete(lesson.key);
    for (const one of done) at("done").delete(one.id);
  });

export const cursor = (learner: string): Promise<string | undefined> => read("cursors", (store) => store.get(learner));

export const keepCursor = (learner: string, at: string): Promise<void> =>
  write(["cursors"], (shelf) => shelf("cursors").put(at, learner));

/** Everything, of everybody who used this device. */
export async function wipe(): Promise<void> {
  (await opened)?.close();
  opened = null;
  await new Promise<void>((done) => {
    const asked = indexedDB.deleteDatabase(NAME);
    asked.onsuccess = asked.onerror = asked.onblocked = () => done();
  });
}
