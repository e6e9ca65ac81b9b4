/**
 * Answers for the network where there is none: pages and scripts that were kept, nothing else. What
 * the API says never goes through here; lectures are read by their page.
 */

import { LIST, SHELL } from "./shell.ts";

const PATIENCE = 4000; // milliseconds for a line that is there and carries nothing

interface Fetching extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Living extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Worker {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  addEventListener(name: "fetch", heard: (event: Fetching) => void): void;
  addEventListener(name: "install" | "activate", heard: (event: Living) => void): void;
}
const worker = self as unknown as Worker;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (pathname === "/learn" || pathname.startsWith("/learn/")) event.respondWith(page(request, pathname));
  } else if (pathname.startsWith("/static/")) event.respondWith(asset(request));
});

/** The newest there is; what was kept when the line carries nothing; the list in place of other pages. */
async function page(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(SHELL);
  const kept = await cache.match(path, { ignoreVary: true });
  const live = fetch(request);
  try {
    return await (kept ? Promise.race([live, tooLong()]) : live);
  } catch (error) {
    live.catch(() => undefined);
    const list = kept ?? (await cache.match(LIST, { ignoreVary: true }));
    if (!list) throw error;
    return kept ?? Response.redirect(LIST);
  }
}

const tooLong = (): Promise<never> =>
  new Promise((_, fail) => setTimeout(() => fail(new Error("no answer")), PATIENCE));

/** Their addresses change with their content, so what was kept is right. */
async function asset(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  return (await cache.match(request, { ignoreVary: true })) ?? fetch(request);
}
