/** The holder's own file, verified here: what it discloses of who holds the record. */

import { at, el, show } from "./dom.ts";
import { day } from "./format.ts";
import { readBundle } from "./verdict/bundle.ts";
import type { Bytes } from "./verdict/bytes.ts";
import { inChinese } from "./verdict/evidence.ts";
import { type Field, type Held, readHolder } from "./verdict/holder.ts";
import { type Json, Num, Obj } from "./verdict/json.ts";
import { bundleIn, isPdf } from "./verdict/printed.ts";
import { Refused } from "./verdict/refusal.ts";
import type { Trust } from "./verdict/trust.ts";
import type { Outcome } from "./verdict/verify.ts";
import { type Word, language, t } from "./words.ts";

/** Members of an employer or a document one after the other; whatever else it may be, as text. */
function read(value: Json): string {
  if (value instanceof Num) return value.token;
  if (value instanceof Obj) return value.members.map(([, of]) => read(of)).join(" · ");
  return Array.isArray(value) ? value.map(read).join(" · ") : String(value ?? "—");
}

function kindOfDocument(text: string): string {
  return text.replace(/^resident-id\b/, t("holder.resident-id"));
}

const facts = (said: Held["said"]): HTMLElement[] =>
  [...said].flatMap(([field, value]: [Field, Json]) => [
    el("dt", {}, t(`holder.${field}` as Word)),
    el("dd", { "data-field": field }, field === "id_document" ? kindOfDocument(read(value)) : read(value)),
  ]);

async function held(compact: Bytes, bundle: Bytes, outcome: Outcome, trust: Trust): Promise<Held> {
  if (!outcome.claims) throw new Refused("the record itself cannot be believed");
  return readHolder(compact, readBundle(isPdf(bundle) ? bundleIn(bundle) : bundle).record, outcome.claims.id, trust);
}

/** `compact` null: none was given. Whether it may be believed. */
export async function showHolder(compact: Bytes | null, bundle: Bytes, outcome: Outcome, trust: Trust): Promise<boolean> {
  const [place, words] = [at("own-holder"), at("own-holder-words")];
  show(place, compact !== null);
  at("own-holder-facts").replaceChildren();
  if (!compact) return true;
  try {
    const { said, issuedAt } = await held(compact, bundle, outcome, trust);
    at("own-holder-facts").append(...facts(said));
    const signed = day(new Date(Number(issuedAt) * 1000).toISOString());
    words.textContent = t(said.size ? "own.holder-good" : "own.holder-empty", { at: signed });
    words.dataset["tone"] = "good";
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    words.textContent = t("own.holder-bad", { why: language === "zh" ? inChinese(error.message) : error.message });
    words.dataset["tone"] = "bad";
    return false;
  }
}
