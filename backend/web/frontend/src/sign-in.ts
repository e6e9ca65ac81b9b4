import { signIn } from "./api.ts";
import { at, during } from "./dom.ts";

/** Only a path of this site: a link must not be able to send people elsewhere after sign-in. */
function next(): string {
  const wanted = new URLSearchParams(location.search).get("next") ?? "/learn";
  const url = new URL(wanted, location.origin);
  return url.origin === location.origin ? url.pathname + url.search : "/learn";
}

const form = at<HTMLFormElement>("sign-in");
const login = at<HTMLInputElement>("login");
const password = at<HTMLInputElement>("password");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void during(at<HTMLButtonElement>("submit"), at("status"), async () => {
    await signIn(login.value.trim(), password.value);
    location.assign(next());
  });
});

for (const choice of document.querySelectorAll<HTMLButtonElement>("[data-login]"))
  choice.addEventListener("click", () => {
    login.value = choice.dataset["login"] ?? "";
    password.value = choice.dataset["password"] ?? "";
    password.focus();
  });
