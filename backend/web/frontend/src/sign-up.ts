/** A new learner: the code proves the login, and whoever signed up is signed in. */

import { agreed } from "./agree.ts";
import { codeField } from "./code-field.ts";
import { at, during } from "./dom.ts";
import { loginOf } from "./login.ts";
import { explain, explained } from "./marks.ts";
import { enter, keepHeading } from "./session.ts";

const name = at<HTMLInputElement>("name");
const login = at<HTMLInputElement>("login");
const password = at<HTMLInputElement>("password");
const proof = codeField("sign-up", login, explain);

async function signUp(): Promise<void> {
  const proved = proof();
  if (!proved) return;
  const person = { name: name.value.trim().replace(/\s+/g, " "), ...loginOf(login.value), ...proved, agreed: agreed() };
  await enter("/v1/people", password.value ? { ...person, password: password.value } : person);
}

at<HTMLFormElement>("sign-up").addEventListener("submit", (event) => {
  event.preventDefault();
  void during(at<HTMLButtonElement>("submit"), at("status"), () =>
    explained(["name", "login", "sent-code", "password", "agreed"], signUp),
  );
});
keepHeading(at<HTMLAnchorElement>("other"));
