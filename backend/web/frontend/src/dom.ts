/** Small ways to build and change a page. Text only: nothing here ever parses HTML. */

import { Offline, Problem, maybeSignedIn, refresh } from "./api.ts";
import { t } from "./words.ts";

type Child = Node | string | null;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child): child is Node | string => child !== null));
  return made;
}

export function at<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element #${id} on this page`);
  return found as T;
}

export function show(element: HTMLElement, visible = true): void {
  element.hidden = !visible;
}

/** Text that a screen reader speaks when it changes; empty hides it. */
export function say(element: HTMLElement, text: string, tone: "" | "good" | "bad" = ""): void {
  if (element.textContent !== text) element.textContent = text;
  element.dataset["tone"] = tone;
  element.hidden = text === "";
}

export function words(error: unknown): string {
  if (error instanceof Problem || error instanceof Offline) return error.message;
  console.error(error);
  return t("error.unexpected");
}

/** Runs `work` while `button` waits; its failure is shown in words beside it. */
export async function during(button: HTMLButtonElement, note: HTMLElement, work: () => Promise<void>): Promise<void> {
  button.disabled = true;
  say(note, "");
  try {
    await work();
  } catch (error) {
    say(note, words(error), "bad");
  } finally {
    button.disabled = false;
  }
}

/** Leaves for the sign-in page, which returns here, unless somebody is signed in. */
export async function mustBeSignedIn(): Promise<void> {
  if (maybeSignedIn() && (await refresh())) return;
  const here = location.pathname + location.search;
  location.replace(`/sign-in?next=${encodeURIComponent(here)}`);
  await new Promise(() => {}); // the page is leaving: nothing after this may run
}

/** Starts a page; what it could not load is told in its status line. */
export function start(page: () => Promise<void>): void {
  page().catch((error: unknown) => {
    show(at("loading"), false);
    say(at("status"), words(error), "bad");
  });
}
