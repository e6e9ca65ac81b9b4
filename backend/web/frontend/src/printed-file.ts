/** What a checked file says, line by line as it is printed, and the newest lists to check it by. */

import { el } from "./dom.ts";
import { day } from "./format.ts";
import type { Bytes } from "./verdict/bytes.ts";
import type { Claims } from "./verdict/credential.ts";
import { PURPOSES } from "./verdict/status-list.ts";
import type { NewerStatus, Outcome } from "./verdict/verify.ts";
import { t, type Word } from "./words.ts";

type Fetched = (address: string) => Promise<Bytes>;

/** Lists in a file are as old as the file: today's are fetched from where this page is. */
export async function newestLists(claims: Claims, fetched: Fetched): Promise<NewerStatus> {
  const number = claims.credentialStatus.statusListCredential.split("/").pop() ?? "";
  const found: NewerStatus = {};
  for (const purpose of PURPOSES)
    try {
      const address = `/status/${purpose}/${encodeURIComponent(number)}`;
      const [jws, proof] = await Promise.all([fetched(address), fetched(`${address}/proof`)]);
      found[purpose] = { jws, proof };
    } catch {
      // The verdict says that the status is old.
    }
  return found;
}

/** As signed: nothing of it comes from this page. The name is in the seal of a PDF alone. */
export function factsOf({ claims, seal, logIndex }: Outcome): HTMLElement[] {
  if (!claims) return [];
  const { achievement, licenseNumber } = claims.credentialSubject;
  const shown: [Word, string][] = [
    ["fact.number", licenseNumber],
    ["fact.holder", seal?.name ?? ""],
    ["fact.title", claims.name],
    ["fact.programme", `${achievement.humanCode} · ${achievement.version}`],
    ["fact.standard", achievement.fieldOfStudy],
    ["fact.hours", hours(claims)],
    ["fact.exam", achievement.resultDescription.find(({ id }) => id === PASSED)?.name ?? ""],
    ["fact.issued", day(claims.validFrom)],
    ["fact.valid-until", claims.validUntil ? day(claims.validUntil) : t("fact.no-end")],
    ["fact.issuer", claims.issuer.name],
    ["fact.log", logIndex === null ? "" : t("own.entry", { index: String(logIndex) })],
  ];
  return shown
    .filter(([, value]) => value)
    .flatMap(([word, value]) => [el("dt", {}, t(word)), el("dd", {}, value)]);
}

const RESULT = "urn:guanbiao:result:";
const PASSED = `${RESULT}passed`;

function hours({ credentialSubject: { creditsEarned, result } }: Claims): string {
  const parts = result
    .filter(({ resultDescription, value }) => value && resultDescription.startsWith(RESULT))
    .map(({ resultDescription, value }) => `${resultDescription.slice(RESULT.length)} ${Number(value)}`);
  return parts.length ? `${creditsEarned} (${parts.join(" · ")})` : String(creditsEarned);
}
