/** What an exam under way keeps on this device, in IndexedDB: the paper, answers sent and unsent. */

const NAME = "guanbiao-sitting";
const KEYS = { answers: ["attempt", "position"], saved: ["attempt", "position"], papers: "id" };
let opened: Promise<IDBDatabase> | null = null;

export type Store = keyof typeof KEYS;
type At = (store: Store) => IDBObjectStore;

export function open(): Promise<IDBDatabase> {
  opened ??= new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 2);
    asked.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(KEYS))
        if (!asked.result.objectStoreNames.contains(name)) asked.result.createObjectStore(name, { keyPath });
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close(); // a newer page must not wait for this one
      done(asked.result);
    };
    asked.onerror = () => fail(asked.error);
  });
  return opened;
}

/** One transaction over `stores`: all of `work` or nothing. It may ask nothing of the network. */
export async function write(stores: Store[], work: (at: At) => void): Promise<void> {
  const database = await open();
  return new Promise((done, fail) => {
    const transaction = database.transaction(stores, "readwrite");
    transaction.oncomplete = () => done();
    transaction.onabort = () => fail(transaction.error);
    work((store) => transaction.objectStore(store));
  });
}

export async function read<T>(store: Store, range?: IDBKeyRange): Promise<T[]> {
  const database = await open();
  return new Promise((done, fail) => {
    const asked = database.transaction(store).objectStore(store).getAll(range);
    asked.onsuccess = () => done(asked.result as T[]);
    asked.onerror = () => fail(asked.error);
  });
}

export const ofAttempt = (attempt: string): IDBKeyRange => IDBKeyRange.bound([attempt], [attempt, []]);
