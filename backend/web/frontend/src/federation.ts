/** Signing in with an identity provider: the way there, and what the way back has brought. */

import { get, post, refresh } from "./api.ts";
import { agreed } from "./agree.ts";
import { at, during, say, show } from "./dom.ts";
import { explained } from "./marks.ts";
import { secondStep } from "./second-step.ts";
import { enter } from "./session.ts";
import type { Person } from "./types.ts";
import { type Word, t } from "./words.ts";

const REFUSALS: Record<string, Word> = {
  "attempt-not-known": "federation.attempt-not-known",
  "provider-refused": "federation.provider-refused",
  "provider-unreachable": "federation.provider-unreachable",
  "proof-not-valid": "federation.proof-not-valid",
  "identity-linked-elsewhere": "federation.identity-linked-elsewhere",
};

export const refusal = (code: string): string => t(REFUSALS[code] ?? "federation.refused");

/** `next`: the path of this site to go to. */
export function federation(next: () => string): void {
  const note = at("federation-status");
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-provider]"))
    button.addEventListener("click", () => {
      void during(button, note, async () => {
        const way = `/v1/federation/${button.dataset["provider"] ?? ""}/sign-in`;
        const returnTo = new URL(next(), location.origin).pathname;
        const begun = await post<{ authorizationUrl: string }>(way, { returnTo });
        location.assign(begun.authorizationUrl);
        await new Promise(() => {}); // the page is leaving: the button waits with it
      });
    });
  const brought = new URLSearchParams(location.search);
  const refused = brought.get("refused");
  if (refused) say(note, refusal(refused), "bad");
  if (brought.get("arrived")) void arrive(next);
  if (brought.get("new")) askNewcomer();
}

/** Nobody gets an account before they agree to what it keeps of them. */
function askNewcomer(): void {
  const form = document.getElementById("newcomer");
  if (!form) return;
  show(at("first-step"), false);
  show(form);
  at("agreed").focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void during(at<HTMLButtonElement>("enter"), at("newcomer-status"), () =>
      explained(["agreed"], () => enter("/v1/federation/newcomers", { agreed: agreed() })));
  });
}

/** The session is in a cookie already: take it up, ask for a second factor where a role needs it. */
async function arrive(next: () => string): Promise<void> {
  if (!(await refresh())) return say(at("federation-status"), t("federation.attempt-not-known"), "bad");
  const me = await get<Person & { rolesWaiting?: string[] }>("/v1/me");
  const session = { accessToken: "", expiresIn: 0, rolesWaiting: me.rolesWaiting ?? [] };
  await secondStep(session, () => location.assign(next()));
}
