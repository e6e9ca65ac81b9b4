import { codeField } from "./code-field.ts";
import { at, during, show } from "./dom.ts";
import { explain, explained } from "./marks.ts";
import { signInAnswer, supported } from "./passkeys.ts";
import { tabs } from "./tabs.ts";
import { federation } from "./federation.ts";
import { enter, keepHeading, next } from "./session.ts";

const login = at<HTMLInputElement>("login");
const password = at<HTMLInputElement>("password");
const proof = codeField("sign-in", login, explain);
const choose = tabs(["password", "code"]);

async function signIn(): Promise<void> {
  const typed = { login: login.value.trim() };
  if (!at<HTMLFieldSetElement>("by-password").disabled) return enter("/v1/sessions", { ...typed, password: password.value });
  const proved = proof();
  if (proved) await enter("/v1/sessions", { ...typed, ...proved });
}

at<HTMLFormElement>("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  void during(at<HTMLButtonElement>("submit"), at("status"), () => explained(["login", "sent-code"], signIn));
});
const passkey = at<HTMLButtonElement>("passkey");
show(passkey, supported());
passkey.addEventListener("click", () =>
  void during(passkey, at("status"), async () => enter("/v1/sessions/passkey", await signInAnswer())),
);
keepHeading(at<HTMLAnchorElement>("other"));
keepHeading(at<HTMLAnchorElement>("forgotten"));
federation(next);

for (const choice of document.querySelectorAll<HTMLButtonElement>("[data-login]"))
  choice.addEventListener("click", () => {
    choose("password");
    login.value = choice.dataset["login"] ?? "";
    password.value = choice.dataset["password"] ?? "";
    password.focus();
  });
