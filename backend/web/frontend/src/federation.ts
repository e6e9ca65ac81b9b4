/** Signing in with an identity provider: the way there, and what the way back has brought. */

import { get, post, refresh } from "./api.ts";
import { at, during, say } from "./dom.ts";
import { secondStep } from "./second-step.ts";
import type { Person } from "./types.ts";
import { type Word, t } from "./words.ts";

const REFUSALS: Record<string, Word> = {
  "attempt-not-known": "federation.attempt-not-known",
  "provider-refused": "federation.provider-refused",
  "provider-unreachable": "federation.provider-unreachable",
  "proof-not-valid": "federation.proof-not-valid",
};

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
      });
    });
  const brought = new URLSearchParams(location.search);
  const refused = brought.get("refused");
  if (refused) say(note, t(REFUSALS[refused] ?? "federation.refused"), "bad");
  if (brought.get("arrived")) void arrive(next);
}

/** The session is in a cookie already: take it up, ask for a second factor where a role needs it. */
async function arrive(next: () => string): Promise<void> {
  if (!(await refresh())) return say(at("federation-status"), t("federation.attempt-not-known"), "bad");
  const me = await get<Person & { rolesWaiting?: string[] }>("/v1/me");
  const session = { accessToken: "", expiresIn: 0, rolesWaiting: me.rolesWaiting ?? [] };
  await secondStep(session, () => location.assign(next()));
}
