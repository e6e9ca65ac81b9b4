/** After the password: the code that some roles ask for, on the same page. */

import { type Session, get, showCode } from "./api.ts";
import { at, during, say, show } from "./dom.ts";
import { showPasskey, supported } from "./passkeys.ts";
import { t } from "./words.ts";

/** Runs `done` at once when no role waits, else when a code was right. Who has no second factor yet
 * is taken to the account page, where one is set up. */
export async function secondStep(session: Session, done: () => void): Promise<void> {
  if (!session.rolesWaiting?.length) return done();
  const { methods } = await get<{ methods: string[] }>("/v1/me/second-factor");
  if (methods.length === 0) return location.assign("/account");
  show(at("first-step"), false);
  show(at("second-step"));
  const code = at<HTMLInputElement>("code");
  code.value = session.demonstrationCode ?? "";
  say(at("code-filled"), session.demonstrationCode ? t("second-step.demonstration") : "");
  code.focus();
  const passkey = at<HTMLButtonElement>("second-passkey");
  show(passkey, methods.includes("passkey") && supported());
  passkey.addEventListener("click", () =>
    void during(passkey, at("code-status"), async () => {
      await showPasskey();
      done();
    }));
  at<HTMLFormElement>("second-step").addEventListener("submit", (event) => {
    event.preventDefault();
    void during(at<HTMLButtonElement>("submit-code"), at("code-status"), async () => {
      await showCode(code.value);
      done();
    });
  });
}
