/** The header: who is signed in, and the way out. Every page's script begins here. */

import { catchUp, leaveNothing } from "./along.ts";
import { get, maybeSignedIn, openSession, signOut } from "./api.ts";
import { at, show } from "./dom.ts";
import { secondStep } from "./second-step.ts";
import { sitterHere } from "./sitting/sitter.ts";
import type { Person } from "./types.ts";
import { t } from "./words.ts";

export async function header(): Promise<Person | null> {
  if (!maybeSignedIn()) return null;
  const person = await get<Person>("/v1/me").catch(() => null);
  if (!person) return null;
  at("who").textContent = person.name;
  show(at("signed-out"), false);
  show(at("signed-in"));
  show(at("studio-link"), person.roles.includes("author"));
  show(at("editions-link"), person.roles.some((role) => role === "author" || role === "reviewer"));
  show(at("marking-link"), person.roles.includes("marker"));
  show(at("remedies-link"), person.roles.some((role) => role === "reviewer" || role === "administrator"));
  show(at("decisions-link"), decides(person));
  at("sign-out").addEventListener("click", () => void leave(person.id));
  void catchUp(person.id).catch(console.error);
  void keepOthersOut(person.id).catch(console.error);
  return person;
}

/** About records. */
export const decides = (person: Person): boolean => person.roles.some((role) => role === "reviewer" || role === "administrator");

/** Nothing of who signs out stays on the device; what would be lost by it is asked about first. */
async function leave(person: string): Promise<void> {
  const papers = sitterHere() === null ? null : await import("./sitting/papers.ts");
  if (papers && !(await papers.mayLeave(person, (n) => confirm(t("exam.unsent", { n }))))) return;
  if (!(await leaveNothing((n) => confirm(t("along.unsent", { n }))))) return;
  await papers?.leave(person).catch(console.error);
  await signOut().finally(() => location.assign("/"));
}

async function keepOthersOut(person: string): Promise<void> {
  if (sitterHere() !== null && sitterHere() !== person) await (await import("./sitting/papers.ts")).clearAway(person);
}

/** Only a path of this site: a link must not be able to send people elsewhere after sign-in. */
export function next(): string {
  const wanted = new URLSearchParams(location.search).get("next") ?? "/learn";
  const url = new URL(wanted, location.origin);
  return url.origin === location.origin ? url.pathname + url.search : "/learn";
}

/** Opens a session and goes where the visitor was heading. */
export async function enter(path: string, body: object): Promise<void> {
  const session = await openSession(path, body);
  await secondStep(session, () => location.assign(next()));
}

/** The link from sign-in to sign-up, or back: it must not forget where the visitor was heading. */
export function keepHeading(link: HTMLAnchorElement): void {
  link.search = location.search;
}
