/**
 * Files of a lecture on this device, in parts: a part that is here is not fetched again, so a broken
 * download goes on where it stopped. Whole files are held against the signed list's size and SHA-256.
 */

import { Offline, Problem } from "./api.ts";
import type { DownloadFile } from "./types.ts";
import { t } from "./words.ts";

export const FILES = "guanbiao-taken-files";
const PART = 1 << 20; // bytes: what a bad line has to carry in one go

/** The file is not what the list says: what is here of it was thrown away. */
export class Damaged extends Error {
  constructor() {
    super(t("along.damaged"));
  }
}

interface Part {
  key: string;
  from: number;
  to: number;
}

const folder = (lease: string): string => `/taken-along/${lease}/`;

function parts(lease: string, file: DownloadFile): Part[] {
  const count = Math.ceil(file.size / PART);
  return Array.from({ length: count }, (_, at) => ({
    key: `${folder(lease)}${file.sha256}/${at}`,
    from: at * PART,
    to: Math.min(file.size, (at + 1) * PART),
  }));
}

/** `told` hears of each part that is here. Offline, Problem, Damaged; QuotaExceededError. */
export async function fetchFile(
  lease: string,
  file: DownloadFile,
  told: (bytes: number) => void,
  stop: AbortSignal,
): Promise<void> {
  const cache = await caches.open(FILES);
  for (const part of parts(lease, file)) {
    if (!(await cache.match(part.key))) await cache.put(part.key, new Response(await fetchPart(file, part, stop)));
    told(part.to - part.from);
  }
  if ((await digest(await assembled(lease, file))) === file.sha256) return;
  await Promise.all(parts(lease, file).map(({ key }) => cache.delete(key)));
  throw new Damaged();
}

async function fetchPart(file: DownloadFile, part: Part, stop: AbortSignal): Promise<Blob> {
  const headers = { Range: `bytes=${part.from}-${part.to - 1}` };
  const response = await fetch(file.url, { headers, signal: stop }).catch((error: unknown) => {
    throw stop.aborted ? error : new Offline();
  });
  if (!response.ok) throw new Problem(response.status, "error", t("error.unexpected"));
  const content = await response.blob().catch(() => {
    throw new Offline();
  });
  if (content.size !== part.to - part.from) throw new Damaged();
  return content;
}

/** The whole file as the browser keeps it: on disk, not in memory. */
export async function assembled(lease: string, file: DownloadFile): Promise<Blob> {
  const cache = await caches.open(FILES);
  const found = await Promise.all(parts(lease, file).map(async ({ key }) => (await cache.match(key))?.blob()));
  const content = new Blob(found.filter((one) => one !== undefined), { type: file.contentType });
  if (content.size !== file.size) throw new Damaged();
  return content;
}

async function digest(content: Blob): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", await content.arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function dropFiles(lease: string): Promise<void> {
  const cache = await caches.open(FILES);
  const mine = (await cache.keys()).filter(({ url }) => new URL(url).pathname.startsWith(folder(lease)));
  await Promise.all(mine.map((request) => cache.delete(request)));
}
