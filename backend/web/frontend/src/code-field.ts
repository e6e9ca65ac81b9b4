/** A one-time code: asked for beside its field, counted down until the next may be asked for. */

import { post } from "./api.ts";
import { at, during, say } from "./dom.ts";
import { mark } from "./marks.ts";
import { bilingual, t } from "./words.ts";

interface Sent {
  codeId: string;
  resendIn: number;
  /** Only where nothing is really sent. */
  demonstrationCode?: string;
  demonstrationMessage?: { zh: string; en: string };
}

export interface Proof {
  codeId: string;
  code: string;
}

type Purpose = "sign-up" | "sign-in" | "recovery" | "link";

/** A function that gives the code typed for `login`, with its id; null while none was asked for.
 * `of`: what the ids of this form begin with, where a page has several. */
export function codeField(purpose: Purpose, login: HTMLInputElement, failed: (error: unknown) => void, of = ""): () => Proof | null {
  const field = at<HTMLInputElement>(`${of}sent-code`);
  const button = at<HTMLButtonElement>(`${of}send-code`);
  let sent: { id: string; to: string } | null = null;

  async function ask(): Promise<void> {
    if (!login.reportValidity()) return;
    const to = login.value.trim();
    const answer = await post<Sent>("/v1/codes", { login: to, purpose });
    sent = { id: answer.codeId, to };
    const shown = answer.demonstrationMessage;
    say(at(`${of}code-note`), shown ? t("code.shown", { text: bilingual(shown) }) : t("code.sent"));
    field.value = answer.demonstrationCode ?? "";
    field.focus();
    countDown(button, answer.resendIn);
  }

  button.addEventListener("click", () => {
    mark(`${of}login`, "");
    mark(`${of}sent-code`, "");
    void during(button, at(`${of}status`), () => ask().catch((error: unknown) => {
      failed(error);
      throw error;
    }));
  });

  return () => {
    if (sent?.to === login.value.trim()) return { codeId: sent.id, code: field.value };
    mark(`${of}sent-code`, t("code.first"));
    button.focus();
    return null;
  };
}

function countDown(button: HTMLButtonElement, seconds: number): void {
  const until = Date.now() + seconds * 1000;
  const tick = (): void => {
    const left = Math.ceil((until - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? t("code.again-in", { n: left }) : t("code.again");
    if (left <= 0) clearInterval(timer);
  };
  const timer = setInterval(tick, 1000);
  setTimeout(tick); // once `during` has let go of the button
}
