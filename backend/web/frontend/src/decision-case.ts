/** One record before somebody who decides: what it is, what became of it, and what is open to him. */

import { Problem, post } from "./api.ts";
import { quoted, state, told } from "./decision-rows.ts";
import type { Act, Proposal, RecordCase } from "./decision-types.ts";
import { el } from "./dom.ts";
import { day, instant } from "./format.ts";
import { renew } from "./redraw.ts";
import { Sheet, folded } from "./sheet.ts";
import { bilingual, t } from "./words.ts";

/** After an act, or where somebody else was faster: the desk draws all anew, with these words. */
export interface Desk {
  done: (form: HTMLElement, text: string, tone: "good" | "bad") => Promise<void>;
  open: (number: string) => void;
}

const REASON = { maxlength: "500", required: "" };
const CHANGED = new Set(["already-decided", "revocation-pending", "correction-under-way"]);
const REVIEW_DAYS = 30;
const CHINA = 8 * 3600_000;

const inDays = (n: number): string => new Date(Date.now() + CHINA + n * 86_400_000).toISOString().slice(0, 10);

function sending(sheet: Sheet, desk: Desk, button: string, done: string, work: () => Promise<boolean>): void {
  sheet.form.noValidate = true; // what is missing is said in the page's language
  sheet.submit(button, async () => {
    try {
      if (await work()) await desk.done(sheet.form, done, "good");
    } catch (error) {
      if (!(error instanceof Problem && CHANGED.has(error.code))) throw error;
      await desk.done(sheet.form, error.message, "bad");
    }
    return "";
  });
}

function facts(one: RecordCase): HTMLElement {
  const rows: [string, string | HTMLElement][] = [
    [t("fact.title"), bilingual(one.title)],
    [t("fact.holder"), one.holder],
    [t("fact.programme"), `${one.programme} · ${one.edition}`],
    [t("fact.issued"), day(one.issuedAt)],
    [t("fact.valid-until"), one.validUntil ? day(one.validUntil) : t("fact.no-end")],
    [t("decisions.public"), el("a", { href: `/v/${one.code}` }, t("decisions.public-go"))],
  ];
  return el("dl", { class: "facts" }, ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function story(one: RecordCase): HTMLElement {
  const issued = el("li", {}, el("p", {}, el("strong", {}, t("decisions.kind.issued")), el("span", { class: "quiet" }, ` ${instant(one.issuedAt)}`)));
  return el("ul", { class: "plain notices" }, issued, ...one.story.map((event) => el("li", {}, ...told(event))));
}

// --- a proposal that waits

function declining(one: Proposal, desk: Desk): HTMLElement {
  const sheet = new Sheet();
  const why = sheet.area("reason", t("decisions.decline-reason"), REASON, t("decisions.decline-words"));
  const done = t(one.own ? "decisions.taken-back" : "decisions.declined");
  sending(sheet, desk, t(one.own ? "decisions.take-back" : "decisions.decline"), done, async () => {
    await post(`/v1/revocations/${one.id}/refusal`, { reason: why.value });
    return true;
  });
  return folded(t(one.own ? "decisions.take-back" : "decisions.decline"), sheet);
}

function approving(one: Proposal, desk: Desk): HTMLElement {
  const sheet = new Sheet(el("form", { "data-keep": "approve" }));
  const looked = sheet.check(t("decisions.looked"));
  sending(sheet, desk, t("decisions.approve"), t("decisions.revoked"), async () => {
    if (!looked.checked) throw new Problem(422, "not-looked", t("decisions.look-first"));
    if (!confirm(t("decisions.approve-sure", { number: one.number }))) return false;
    await post(`/v1/revocations/${one.id}/approval`);
    return true;
  });
  return sheet.form;
}

function proposal(one: Proposal, desk: Desk): HTMLElement {
  const who = t("decisions.proposed-by", { name: one.proposer ?? t("decisions.somebody"), when: instant(one.proposedAt) });
  return el(
    "section",
    { class: "note", "aria-labelledby": "proposal-title", "data-keep": one.id },
    el("h3", { id: "proposal-title" }, t("decisions.proposal")),
    el("p", { class: "quiet" }, who),
    quoted(one.reason),
    one.evidence ? el("h4", {}, t("decisions.evidence")) : null,
    one.evidence ? quoted(one.evidence) : null,
    one.refused ? el("p", {}, el("strong", {}, bilingual(one.refused.words))) : approving(one, desk),
    one.refused?.code === "own-record" ? null : declining(one, desk),
  );
}

// --- what is open

function acting(act: Act, one: RecordCase, desk: Desk): HTMLElement {
  const sheet = new Sheet();
  const why = sheet.area("reason", t("decisions.reason"), act === "correct" ? { ...REASON, maxlength: "400" } : REASON, t("decisions.reason-words"));
  const besides = act === "suspend" ? reviewing(sheet) : act === "revoke" ? proving(sheet) : () => ({});
  const path = { suspend: "suspensions", reinstate: "reinstatements", revoke: "revocations", correct: "corrections" }[act];
  sending(sheet, desk, t(`decisions.${act}-go`), t(`decisions.${act}-done`), async () => {
    await post(`/v1/records/${one.recordId}/${path}`, { reason: why.value, ...besides() });
    return true;
  });
  return folded(t(`decisions.${act}`), sheet, el("p", { class: "quiet" }, t(`decisions.${act}-words`)));
}

function reviewing(sheet: Sheet): () => object {
  const until = sheet.optional("reviewBy", t("decisions.review"), { type: "date", min: inDays(1), max: inDays(366), value: inDays(REVIEW_DAYS) }, t("decisions.review-words"));
  return () => ({ reviewBy: until.value || null });
}

function proving(sheet: Sheet): () => object {
  const evidence = sheet.area("evidence", t("decisions.evidence"), { maxlength: "2000" }, t("decisions.evidence-words"));
  return () => ({ evidence: evidence.value.trim() || null });
}

function open(one: RecordCase, desk: Desk): HTMLElement[] {
  if (!one.choices.length) return [el("p", { class: "quiet" }, t("decisions.final"))];
  // What waits for its second person is told above, with all that there is to do about it.
  const shown = one.choices.filter(({ refused }) => refused?.code !== "revocation-pending");
  const own = shown.find(({ refused }) => refused?.code === "own-record");
  if (own?.refused) return [el("p", { class: "note" }, bilingual(own.refused.words))];
  return shown.map(({ act, refused }) =>
    refused ? el("p", { class: "quiet" }, t("decisions.refused", { act: t(`decisions.${act}`), words: bilingual(refused.words) })) : acting(act, one, desk),
  );
}

function newer(one: RecordCase, desk: Desk): HTMLElement | null {
  const number = one.supersededBy;
  if (!number) return null;
  const button = el("button", { type: "button", class: "plain" }, t("decisions.newer", { number }));
  button.onclick = () => desk.open(number);
  return el("p", {}, button);
}

export function drawCase(place: HTMLElement, one: RecordCase, desk: Desk): void {
  const parts = [
    el("h3", { id: "case-title", tabindex: "-1" }, el("span", { class: "mono" }, one.number), " ", state(one.state)),
    one.demonstration ? el("p", { class: "quiet" }, t("verify.demonstration")) : null,
    facts(one),
    newer(one, desk),
    el("h3", {}, t("verify.history")),
    story(one),
    one.proposal ? proposal(one.proposal, desk) : null,
    el("h3", {}, t("decisions.open")),
    ...open(one, desk),
  ];
  if (place.dataset["record"] !== one.number) place.replaceChildren(); // nothing typed about another is kept
  place.dataset["record"] = one.number;
  renew(place, parts.filter((part): part is HTMLElement => part !== null));
}
