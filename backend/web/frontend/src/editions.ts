/** Authors and reviewers: editions handed in, and what became of each. */

import { get } from "./api.ts";
import { at, during, el, mustBeSignedIn, say, show, start } from "./dom.ts";
import { type Draft, type Release, calendarDay, dress } from "./edition-lessons.ts";
import { instant } from "./format.ts";
import { header } from "./session.ts";
import { t } from "./words.ts";

let cursor: string | null = null;

function draftRow(draft: Draft): HTMLElement {
  return el(
    "li",
    {},
    el("a", { href: `/editions/drafts/${draft.id}` }, t("editions.edition", { code: draft.code })),
    dress(el("span", { class: "state" }), draft.state),
    el("span", { class: "quiet" }, t("editions.handed-in", { at: instant(draft.handedInAt), hash: draft.sha256.slice(0, 12) })),
  );
}

function releaseRow(release: Release): HTMLElement {
  const decided = release.decidedAt ? t("editions.decided", { at: instant(release.decidedAt) }) : "";
  const facts = [t("editions.proposed", { at: instant(release.proposedAt) }), t("editions.until", { old: release.insteadOf, day: calendarDay(release.finishUntil) }), decided];
  return el(
    "li",
    {},
    el("a", { href: `/editions/releases/${release.id}` }, t("editions.step", { old: release.insteadOf, new: release.edition })),
    dress(el("span", { class: "state" }), release.state),
    el("span", { class: "quiet" }, facts.filter(Boolean).join(" · ")),
    release.reason ? el("span", {}, t("editions.reason", { reason: release.reason })) : null,
  );
}

async function releases(): Promise<void> {
  const { items, next } = await get<{ items: Release[]; next: string | null }>(`/v1/edition-releases?limit=20${cursor ? `&cursor=${cursor}` : ""}`);
  const rows = items.map(releaseRow);
  if (cursor) rows[0]?.querySelector("a")?.focus();
  at("releases").append(...rows);
  cursor = next;
  show(at("more"), next !== null);
  show(at("no-releases"), !at("releases").childElementCount);
}

start(async () => {
  await mustBeSignedIn();
  const person = await header();
  show(at("loading"), false);
  if (!person?.roles.some((role) => role === "author" || role === "reviewer")) return say(at("status"), t("editions.nobody"), "bad");
  const [{ items }] = await Promise.all([get<{ items: Draft[] }>("/v1/edition-drafts"), releases()]);
  at("drafts").replaceChildren(...items.map(draftRow));
  show(at("no-drafts"), !items.length);
  const more = at<HTMLButtonElement>("more");
  more.onclick = () => void during(more, at("status"), releases);
  show(at("content"));
});
