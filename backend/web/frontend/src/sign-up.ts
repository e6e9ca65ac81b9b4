/** A new learner: the account first, then signed in as at the sign-in page. */

import { Problem, post } from "./api.ts";
import { at, during, say } from "./dom.ts";
import { inLanguage, loginOf } from "./login.ts";
import { enter, keepHeading } from "./session.ts";
import { language } from "./words.ts";

const name = at<HTMLInputElement>("name");
const login = at<HTMLInputElement>("login");
const password = at<HTMLInputElement>("password");
const inputs = { name, login, password };
type Field = keyof typeof inputs;

let made = ""; // whose account exists already, should only the sign-in after it have failed

function mark(field: Field, wrong: string): void {
  say(at(`${field}-wrong`), wrong, "bad");
  inputs[field].setAttribute("aria-invalid", String(wrong !== ""));
}

/** Beside its field, and the first one gets the cursor. A field not on this page stays below. */
function explain(problem: Problem): void {
  for (const [sent, said] of Object.entries(problem.fields)) {
    const field = sent === "phone" || sent === "email" ? "login" : sent;
    if (field in inputs) mark(field as Field, inLanguage(said, language));
  }
  document.querySelector<HTMLInputElement>("[aria-invalid=true]")?.focus();
}

async function signUp(): Promise<void> {
  for (const field of Object.keys(inputs) as Field[]) mark(field, "");
  const typed = login.value.trim();
  if (made !== typed) {
    const person = { name: name.value.trim().replace(/\s+/g, " "), password: password.value };
    await post("/v1/people", { ...person, ...loginOf(typed) });
    made = typed;
  }
  await enter(typed, password.value);
}

at<HTMLFormElement>("sign-up").addEventListener("submit", (event) => {
  event.preventDefault();
  void during(at<HTMLButtonElement>("submit"), at("status"), async () => {
    await signUp().catch((error: unknown) => {
      if (error instanceof Problem) explain(error);
      throw error; // its sentence stands above the button
    });
  });
});
keepHeading(at<HTMLAnchorElement>("other"));
