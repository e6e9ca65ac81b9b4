/** A lecture's changes as the server tells them. By `fetch`, because EventSource sends no bearer. */

import { bearer } from "./api.ts";
import type { Lecture } from "./types.ts";

const AGAIN = 3000; // milliseconds until a broken line is tried again
const SILENCE = 45_000; // the server says something every 15 s: after three misses the line is dead
const AT_ONCE = 3; // a browser opens six lines to one server, and the page needs some itself

const ended = (lecture: Lecture): boolean => lecture.state === "playable" || lecture.state === "failed";

type Changed = (lecture: Lecture) => void;
const waiting: (() => Promise<void>)[] = [];
const followed = new Map<string, Changed>();
let open = 0;

/** Calls `changed` at each change until the lecture is playable or failed. Some lectures at once;
 * whoever asks again for the same one takes the place of who asked before. */
export function watch(id: string, changed: Changed): void {
  const already = followed.has(id);
  followed.set(id, changed);
  if (already) return;
  waiting.push(() => follow(id));
  void next();
}

async function next(): Promise<void> {
  if (open >= AT_ONCE) return;
  const begin = waiting.shift();
  if (!begin) return;
  open += 1;
  await begin();
  open -= 1;
  void next();
}

async function follow(id: string): Promise<void> {
  let seen = "";
  for (;;) {
    try {
      const response = await answer(id, seen);
      if (response.status === 404) return void followed.delete(id); // removed meanwhile
      for await (const event of events(response)) {
        seen = event.id;
        const lecture = JSON.parse(event.data) as Lecture;
        const changed = followed.get(id);
        if (ended(lecture)) followed.delete(id); // before what may begin it anew
        changed?.(lecture);
        if (ended(lecture)) return;
      }
    } catch {
      // The line broke, or the server starts anew: `seen` says where to go on.
    }
    await new Promise((resume) => setTimeout(resume, AGAIN));
  }
}

async function answer(id: string, seen: string): Promise<Response> {
  const headers: Record<string, string> = { Authorization: await bearer(), Accept: "text/event-stream" };
  if (seen) headers["Last-Event-ID"] = seen;
  return fetch(`/v1/lectures/${id}/events`, { headers });
}

async function* events(response: Response): AsyncGenerator<{ id: string; data: string }> {
  if (!response.ok || !response.body) throw new Error(String(response.status));
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await before(SILENCE, reader);
    if (done) return;
    text = (text + decoder.decode(value, { stream: true })).replace(/\r\n?/g, "\n");
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string): string =>
        block.split("\n").filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2)).join("\n");
      if (field("data")) yield { id: field("id"), data: field("data") };
    }
  }
}

function before(
  milliseconds: number,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  let timer = 0;
  const silent = new Promise<never>((_, fail) => {
    timer = window.setTimeout(() => {
      void reader.cancel();
      fail(new Error("silent"));
    }, milliseconds);
  });
  return Promise.race([reader.read(), silent]).finally(() => clearTimeout(timer));
}
