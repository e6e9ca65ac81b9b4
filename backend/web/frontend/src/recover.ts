/** A new password by a code, for whoever forgot it; every other device is signed out. */

import { codeField } from "./code-field.ts";
import { at, during } from "./dom.ts";
import { explain, explained } from "./marks.ts";
import { enter, keepHeading } from "./session.ts";

const login = at<HTMLInputElement>("login");
const password = at<HTMLInputElement>("password");
const proof = codeField("recovery", login, explain);

async function recover(): Promise<void> {
  const proved = proof();
  if (!proved) return;
  await enter("/v1/recoveries", { login: login.value.trim(), password: password.value, ...proved });
}

at<HTMLFormElement>("recover").addEventListener("submit", (event) => {
  event.preventDefault();
  void during(at<HTMLButtonElement>("submit"), at("status"), () =>
    explained(["login", "sent-code", "password"], recover),
  );
});
keepHeading(at<HTMLAnchorElement>("other"));
