/** Answers kept on this device; in memory where a browser grants no room. */

import type { Kept, Shelf } from "./saver.ts";
import { ofAttempt, open, read, write } from "./store.ts";

const all = (attempt: string): Promise<Kept[]> => read("answers", ofAttempt(attempt));

/** What the server has stays as long as the paper: without a network it is all there is to show. */
export const drop = (sent: Kept[], taken: (one: Kept) => boolean): Promise<void> =>
  write(["answers", "saved"], (at) => {
    for (const one of sent) {
      if (taken(one)) at("saved").put(one);
      const key = [one.attempt, one.position];
      const asked = at("answers").get(key) as IDBRequest<Kept | undefined>;
      asked.onsuccess = () => {
        if (asked.result?.sequence === one.sequence) at("answers").delete(key);
      };
    }
  });

const ON_THIS_DEVICE: Shelf = { all, put: (kept) => write(["answers"], (at) => at("answers").put(kept)), drop };
const NOWHERE: Shelf = { all: async () => [], put: async () => undefined, drop: async () => undefined };

export async function shelf(): Promise<Shelf> {
  try {
    await open();
    return ON_THIS_DEVICE;
  } catch {
    return NOWHERE;
  }
}
