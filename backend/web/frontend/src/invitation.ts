/**
 * The link of an invitation. Its token leaves the address bar at once, so that neither history nor
 * a Referer keeps it, and waits in this tab while its owner signs in or up.
 */

import { Problem, call, get, post } from "./api.ts";
import { at, during, el, say, show, start } from "./dom.ts";
import { day } from "./format.ts";
import { header } from "./session.ts";
import type { InvitationLink, Offer } from "./types.ts";
import { type Word, t } from "./words.ts";

const KEPT = "guanbiao.invitation";
const HERE = "/invitations";

function token(): string {
  const named = location.pathname.startsWith(`${HERE}/`) ? location.pathname.slice(HERE.length + 1) : "";
  if (named) {
    sessionStorage.setItem(KEPT, named);
    history.replaceState(null, "", HERE);
  }
  return sessionStorage.getItem(KEPT) ?? "";
}

/** Null for a 404 or a token that cannot be one: unknown, or not for whoever asks. */
async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Problem && [400, 404, 422].includes(error.status)) return null;
    throw error;
  }
}

function facts(link: InvitationLink): void {
  const rows: [Word, string | undefined][] = [
    ["invitation.organisation", `${link.organisation}（${link.code}）`],
    ["invitation.department", link.department],
    ["invitation.as", t(`invitation.as-${link.position}`)],
    ["invitation.for", link.contact ?? t("invitation.for-anyone")],
    ["invitation.until", day(link.expiresAt)],
  ];
  for (const [name, text] of rows) if (text) at("facts").append(el("dt", {}, t(name)), el("dd", {}, text));
}

function over(words: string, tone: "good" | "bad" | "" = ""): void {
  sessionStorage.removeItem(KEPT);
  for (const part of ["accept", "decline", "enter"]) show(at(part), false);
  say(at("words"), words, tone);
}

function offer(invited: string, link: InvitationLink): void {
  const [accept, decline] = [at<HTMLButtonElement>("accept"), at<HTMLButtonElement>("decline")];
  accept.onclick = () =>
    void during(accept, at("note"), async () => {
      await post("/v1/me/invitations/by-token/acceptance", { token: invited });
      over(t("invitation.accepted", { organisation: link.organisation }), "good");
      show(at("onward"));
    });
  decline.onclick = () =>
    void during(decline, at("note"), async () => {
      if (!confirm(t("invitation.decline-sure", { organisation: link.organisation }))) return;
      await call<void>("POST", "/v1/invitations/by-token/refusal", { token: invited });
      over(t("invitation.stage.declined"));
    });
  show(decline);
}

/** Those that name an address of whoever is signed in: they need no link. */
async function mine(): Promise<void> {
  const { items } = await get<{ items: Offer[] }>("/v1/me/invitations");
  if (!items.length) return over(t("invitation.none"), "bad");
  say(at("words"), t("invitation.mine"));
  at("mine").replaceChildren(
    ...items.map((one) => {
      const accept = el("button", { type: "button" }, t("invitation.accept"));
      accept.onclick = () =>
        void during(accept, at("note"), async () => {
          await post(`/v1/me/invitations/${one.id}/acceptance`);
          over(t("invitation.accepted", { organisation: one.organisation }), "good");
          accept.parentElement?.remove();
          show(at("onward"));
        });
      const facts = [one.confirmed ? "" : t("invitation.not-confirmed"), t(`invitation.as-${one.position}`), t("organisation.until", { day: day(one.expiresAt) })];
      return el("li", {}, el("span", {}, one.organisation), el("span", { class: "quiet" }, facts.filter(Boolean).join(" · ")), accept);
    }),
  );
}

start(async () => {
  const invited = token();
  const [person, link] = await Promise.all([header(), invited ? orNull(post<InvitationLink>("/v1/invitations/by-token", { token: invited })) : null]);
  show(at("loading"), false);
  show(at("content"));
  if (!invited && person) return mine();
  if (!link) return over(t(invited ? "invitation.unknown" : "invitation.none"), "bad");
  facts(link);
  if (link.stage !== "open") return over(t(`invitation.stage.${link.stage}`), "bad");
  show(at("unconfirmed"), !link.confirmed);
  say(at("words"), t("invitation.words", { organisation: link.organisation }));
  offer(invited, link);
  if (!person) return show(at("enter"));
  const forMe = await orNull(post("/v1/me/invitations/by-token", { token: invited }));
  if (forMe) return show(at("accept"));
  say(at("words"), t("invitation.foreign", { contact: link.contact ?? "", name: person.name }), "bad");
});
