import { at, during } from "./dom.ts";
import { enter, keepHeading } from "./session.ts";

const form = at<HTMLFormElement>("sign-in");
const login = at<HTMLInputElement>("login");
const password = at<HTMLInputElement>("password");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void during(at<HTMLButtonElement>("submit"), at("status"), () =>
    enter(login.value.trim(), password.value),
  );
});
keepHeading(at<HTMLAnchorElement>("other"));

for (const choice of document.querySelectorAll<HTMLButtonElement>("[data-login]"))
  choice.addEventListener("click", () => {
    login.value = choice.dataset["login"] ?? "";
    password.value = choice.dataset["password"] ?? "";
    password.focus();
  });
