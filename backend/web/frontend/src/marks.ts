/** What is wrong with an input, said beside it. */

import { Problem } from "./api.ts";
import { at, say } from "./dom.ts";
import { inLanguage } from "./login.ts";
import { language } from "./words.ts";

const FIELDS: Record<string, string> = { phone: "login", email: "login", code: "sent-code", currentPassword: "present" };

export function mark(field: string, wrong: string): void {
  say(at(`${field}-wrong`), wrong, "bad");
  at(field).setAttribute("aria-invalid", String(wrong !== ""));
}

/** Beside its field, and the first one gets the cursor. A field not on this page stays below.
 * `of`: what the ids of this form begin with, where a page has several. */
export function explain(error: unknown, of = ""): void {
  if (!(error instanceof Problem)) return;
  for (const [sent, said] of Object.entries(error.fields)) {
    const field = of + (FIELDS[sent] ?? sent);
    if (document.getElementById(`${field}-wrong`)) mark(field, inLanguage(said, language));
  }
  document.querySelector<HTMLInputElement>("[aria-invalid=true]")?.focus();
}

/** On submit: `work` after the marks are wiped, and its refusal explained. */
export function explained(fields: readonly string[], work: () => Promise<void>, of = ""): Promise<void> {
  for (const field of fields) mark(of + field, "");
  return work().catch((error: unknown) => {
    explain(error, of);
    throw error; // its sentence stands above the button
  });
}
