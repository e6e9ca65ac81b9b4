/** The record itself: an Open Badges 3.0 credential as typed claims, and their check. */

import type { Bytes } from "./bytes.ts";
import { parseJson } from "./json.ts";
import { seconds } from "./moment.ts";
import { ClaimsDisagree, Refused } from "./refusal.ts";
import { list, number, one, only, type Shape, sometimes, strict, text, whole } from "./shape.ts";

export const STATUS_CONTEXT = "https://www.w3.org/ns/credentials/v2";
const BADGE_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";
const UUID = /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const HASH_LINK = /^ni:\/\/\/sha-256;[A-Za-z0-9_-]{43}$/;
const INDEX = /^(0|[1-9][0-9]{0,8})$/;
/** Python's idea of a space, which is not JavaScript's. */
export const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const BLANK = new RegExp(`^[${SPACE}]*$`);
const PLACEHOLDER = /[Uu][Nn][Dd][Ee][Ff][Ii\u0130\u0131][Nn][Ee][Dd]|[Nn][Uu][Ll][Ll]|[Nn][Oo][Nn][Ee]|[Nn][Aa][Nn]/gu;
const WORD_SIGN = /^[\p{L}\p{N}_]$/u;

const ACHIEVEMENT = strict({
  id: text,
  type: only("Achievement"),
  achievementType: one("CertificateOfCompletion"),
  name: text,
  description: text,
  criteria: strict({ narrative: text }),
  humanCode: text,
  version: text,
  fieldOfStudy: text,
  resultDescription: list(
    strict({
      id: text,
      type: only("ResultDescription"),
      name: text,
      resultType: one("Status", "ext:ClassHours"),
    }),
  ),
});

const SUBJECT = {
  id: text,
  type: only("AchievementSubject"),
  achievement: ACHIEVEMENT,
  creditsEarned: number,
  licenseNumber: text,
  result: list(
    strict({
      type: only("Result"),
      resultDescription: text,
      status: sometimes(one("Completed")),
      value: sometimes(text),
    }),
  ),
};

const STATUS = {
  id: text,
  type: one("BitstringStatusListEntry"),
  statusPurpose: one("revocation"),
  statusListIndex: text,
  statusListCredential: text,
};

const CLAIMS = {
  "@context": list(text),
  id: text,
  type: list(text),
  name: text,
  issuer: strict({ id: text, type: only("Profile"), name: text, url: text }),
  validFrom: text,
  validUntil: sometimes(text),
  credentialSubject: strict(SUBJECT),
  credentialStatus: strict(STATUS),
  evidence: list(strict({ id: text, type: only("Evidence"), name: text })),
  iss: text,
  jti: text,
  nbf: whole,
  sub: text,
  exp: sometimes(whole),
};
const claimsOf = strict(CLAIMS);

export type Claims = Shape<typeof CLAIMS>;

export function check(payload: Bytes): Claims {
  let claims: Claims;
  try {
    claims = claimsOf(parseJson(payload));
  } catch {
    throw new Refused("not a record of this form");
  }
  checkEqual(claims);
  checkForm(claims);
  checkWords(claims);
  return claims;
}

function checkEqual(claims: Claims): void {
  const until = claims.validUntil;
  const from = BigInt(seconds(claims.validFrom));
  const pairs: [string, unknown, unknown][] = [
    ["iss", claims.iss, claims.issuer.id],
    ["jti", claims.jti, claims.id],
    ["sub", claims.sub, claims.credentialSubject.id],
    ["nbf", claims.nbf, from],
    ["exp", claims.exp, until ? BigInt(seconds(until)) : until],
  ];
  for (const [name, outer, inner] of pairs)
    if (outer !== inner) throw new ClaimsDisagree(`${name} differs from the credential inside`);
}

function checkForm(claims: Claims): void {
  const subject = claims.credentialSubject;
  const rules: [string, boolean][] = [
    ["@context", claims["@context"].join("\n") === `${STATUS_CONTEXT}\n${BADGE_CONTEXT}` && claims["@context"].length === 2],
    ["type", claims.type.join("\n") === "VerifiableCredential\nOpenBadgeCredential" && claims.type.length === 2],
    ["id", UUID.test(claims.id)],
    ["credentialSubject.id", UUID.test(subject.id)],
    ["creditsEarned", subject.creditsEarned >= 0 && subject.creditsEarned < 10_000],
    ["validUntil", claims.exp === null || claims.exp > claims.nbf],
    ["evidence", claims.evidence.length === 1 && claims.evidence.every((link) => HASH_LINK.test(link.id))],
    ["result", resultsAreDescribed(claims)],
    ["credentialStatus", statusFits(claims)],
  ];
  const wrong = rules.filter(([, right]) => !right).map(([name]) => name);
  if (wrong.length) throw new Refused(`not right: ${wrong.join(", ")}`);
}

function resultsAreDescribed({ credentialSubject: subject }: Claims): boolean {
  const described = subject.achievement.resultDescription.map((description) => description.id);
  return subject.result.length > 0 && subject.result.every((result) => described.includes(result.resultDescription));
}

function statusFits({ credentialStatus: status }: Claims): boolean {
  const index = status.statusListIndex;
  return (
    status.id === `${status.statusListCredential}#${index}` &&
    INDEX.test(index) &&
    status.statusListCredential.includes("/status/revocation/")
  );
}

/** No empty word and no "undefined": such records have been seen in the wild. */
function checkWords(claims: Claims): void {
  const { achievement, licenseNumber } = claims.credentialSubject;
  const words = [
    claims.name,
    claims.issuer.name,
    achievement.id,
    achievement.name,
    achievement.description,
    achievement.criteria.narrative,
    achievement.version,
    achievement.humanCode,
    achievement.fieldOfStudy,
    licenseNumber,
    ...achievement.resultDescription.map((described) => described.name),
    ...claims.evidence.map((evidence) => evidence.name),
  ];
  if (words.some((word) => BLANK.test(word)) || hasPlaceholder(words.join("\n")))
    throw new Refused("a word is missing, or is a program's placeholder");
}

/** Standing alone: "Nonesuch banana" holds two and is neither. */
function hasPlaceholder(text: string): boolean {
  PLACEHOLDER.lastIndex = 0;
  for (let found = PLACEHOLDER.exec(text); found; found = PLACEHOLDER.exec(text)) {
    const before = Array.from(text.slice(Math.max(0, found.index - 2), found.index)).pop() ?? "";
    const after = Array.from(text.slice(found.index + found[0].length).slice(0, 2))[0] ?? "";
    if (!WORD_SIGN.test(before) && !WORD_SIGN.test(after)) return true;
    PLACEHOLDER.lastIndex = found.index + 1;
  }
  return false;
}
