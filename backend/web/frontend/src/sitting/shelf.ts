/** Answers kept on this device, in IndexedDB; in memory where a browser grants none. */

import type { Kept, Shelf } from "./saver.ts";

const NAME = "guanbiao-sitting";
const STORE = "answers";
let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: ["attempt", "position"] });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  return opened;
}

async function write(work: (store: IDBObjectStore) => void): Promise<void> {
  const database = await open();
  return new Promise((done, fail) => {
    const transaction = database.transaction(STORE, "readwrite");
    transaction.oncomplete = () => done();
    transaction.onabort = () => fail(transaction.error);
    work(transaction.objectStore(STORE));
  });
}

const ofAttempt = (attempt: string): IDBKeyRange => IDBKeyRange.bound([attempt], [attempt, []]);

async function all(attempt: string): Promise<Kept[]> {
  const database = await open();
  return new Promise((done, fail) => {
    const asked = database.transaction(STORE).objectStore(STORE).getAll(ofAttempt(attempt));
    asked.onsuccess = () => done(asked.result as Kept[]);
    asked.onerror = () => fail(asked.error);
  });
}

const drop = (sent: Kept[]): Promise<void> =>
  write((store) => {
    for (const one of sent) {
      const key = [one.attempt, one.position];
      const asked = store.get(key) as IDBRequest<Kept | undefined>;
      asked.onsuccess = () => {
        if (asked.result?.sequence === one.sequence) store.delete(key);
      };
    }
  });

/** The attempt is over: its answers are evidence on the server, and nobody else's business here. */
export const clear = (attempt: string): Promise<void> => write((store) => store.delete(ofAttempt(attempt)));

const ON_THIS_DEVICE: Shelf = { all, put: (kept) => write((store) => store.put(kept)), drop };
const NOWHERE: Shelf = { all: async () => [], put: async () => undefined, drop: async () => undefined };

export async function shelf(): Promise<Shelf> {
  try {
    await open();
    return ON_THIS_DEVICE;
  } catch {
    return NOWHERE;
  }
}
