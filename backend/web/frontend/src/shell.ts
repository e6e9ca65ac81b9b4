/** Pages that open without a network: kept as they are now, with all that they load. */

import { learnerHere } from "./along.ts";
import { sitterHere } from "./sitting/sitter.ts";

export const SHELL = "guanbiao-shell";
export const LIST = "/learn/taken-along";

/** This page and the list of what was taken along. The pages say nothing of anybody. */
export const keepShell = (): Promise<void> =>
  alone(async () => {
    if (learnerHere() || sitterHere()) await keep(); // not after signing out
  });

/** A page that still keeps must not outlast another that drops. */
const alone = (work: () => Promise<void>): Promise<void> => navigator.locks.request("guanbiao.shell", work);

async function keep(): Promise<void> {
  await navigator.serviceWorker.register("/service-worker.js");
  const cache = await caches.open(SHELL);
  const pages = [location.pathname, LIST];
  const texts = await Promise.all(pages.map((path) => keepPage(cache, path)));
  const named = texts.flatMap((text) => [...text.matchAll(/(?:src|href)="(\/static\/[^"]+)"/g)].map((found) => found[1]!));
  const loaded = performance.getEntriesByType("resource").map(({ name }) => new URL(name));
  const own = loaded.filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/"));
  const wanted = new Set([...named, ...own.map((url) => url.pathname + url.search), ...(await chunks(named))]);
  await Promise.all([...wanted].map(async (path) => (await cache.match(path)) ?? cache.add(path)));
}

async function keepPage(cache: Cache, path: string): Promise<string> {
  const answer = await fetch(path, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new TypeError(`${path}: ${answer.status}`);
  await cache.put(path, answer.clone());
  return answer.text();
}

/** Scripts that a script of ours imports: the list's page is not open, so nothing has loaded them. */
async function chunks(scripts: string[]): Promise<string[]> {
  const found = new Set<string>();
  const look = async (path: string): Promise<void> => {
    const text = await (await fetch(path)).text();
    const names = [...text.matchAll(/["']\.\/(chunk-\w+\.js)["']/g)].map((one) => `/static/built/${one[1]}`);
    const fresh = names.filter((name) => !found.has(name));
    for (const name of fresh) found.add(name);
    await Promise.all(fresh.map(look));
  };
  await Promise.all(scripts.filter((path) => path.includes(".js")).map(look));
  return [...found];
}

export const dropShell = (): Promise<void> =>
  alone(async () => {
    await caches.delete(SHELL);
    for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
  });
