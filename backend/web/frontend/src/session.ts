/** The header: who is signed in, and the way out. Every page's script begins here. */

import { get, maybeSignedIn, signOut } from "./api.ts";
import { at, show } from "./dom.ts";
import type { Person } from "./types.ts";

export async function header(): Promise<Person | null> {
  if (!maybeSignedIn()) return null;
  const person = await get<Person>("/v1/me").catch(() => null);
  if (!person) return null;
  at("who").textContent = person.name;
  show(at("signed-out"), false);
  show(at("signed-in"));
  show(at("studio-link"), person.roles.includes("author"));
  at("sign-out").addEventListener("click", () => {
    void signOut().finally(() => location.assign("/"));
  });
  return person;
}
