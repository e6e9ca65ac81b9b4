/** "Is it you?": asked before keys change, of whoever has a second factor. */

import { Problem, get, showCode } from "./api.ts";
import { at, during, say, show } from "./dom.ts";
import { showPasskey, supported } from "./passkeys.ts";

const dialog = at<HTMLDialogElement>("proof");
const code = at<HTMLInputElement>("proof-code");

/** Resolves to true when a second factor was shown, to false when the person would rather not. */
export async function proved(): Promise<boolean> {
  const { methods } = await get<{ methods: string[] }>("/v1/me/second-factor");
  show(at("proof-passkey"), methods.includes("passkey") && supported());
  code.value = "";
  say(at("proof-status"), "");
  dialog.returnValue = "";
  dialog.showModal();
  code.focus();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "shown";
}

/** Does `work`, after a proof when the server asks for one. */
export async function withProof(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    show(at("again"), error.code === "sign-in-not-fresh");
    if (error.code !== "second-factor-not-fresh") throw error;
    if (await proved()) await work();
  }
}

function shown(button: HTMLButtonElement, work: () => Promise<void>): void {
  void during(button, at("proof-status"), async () => {
    await work();
    dialog.close("shown");
  });
}

at<HTMLFormElement>("proof-form").addEventListener("submit", (event) => {
  event.preventDefault();
  shown(at<HTMLButtonElement>("proof-go"), () => showCode(code.value));
});
at("proof-passkey").addEventListener("click", () =>
  shown(at<HTMLButtonElement>("proof-passkey"), showPasskey),
);
at("proof-cancel").addEventListener("click", () => dialog.close(""));
