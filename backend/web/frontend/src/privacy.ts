/** What is kept of me: consents, a copy of everything, who looked, and erasure. */

import { Problem, call, get, post } from "./api.ts";
import { at, during, el, mustBeSignedIn, say, show, start } from "./dom.ts";
import { amount, day, instant } from "./format.ts";
import { header } from "./session.ts";
import { type Word, bilingual, t } from "./words.ts";

interface Wording {
  title: string;
  text: string;
  stops: string;
}

interface Notice {
  purpose: string;
  version: string;
  neededForAccount: boolean;
  zh: Wording;
  en: Wording;
}

interface Consent {
  purpose: string;
  state: "not-asked" | "given" | "withdrawn" | "outdated";
}

interface Export {
  id: string;
  state: "waiting" | "making" | "ready" | "failed" | "removed";
  requestedAt: string;
  expiresAt?: string;
  size?: number;
}

interface Access {
  at: string;
  who: string;
  organisation?: string;
  what: string;
  purpose: string;
}

interface Erasure {
  state: "waiting" | "cancelled" | "running" | "done";
  dueAt: string;
  leavesWithoutManager: string[];
}

const LOOK_AGAIN = 2000; // milliseconds while an export is being made

function worked(button: HTMLButtonElement, work: () => Promise<void>): HTMLButtonElement {
  button.addEventListener("click", () =>
    void during(button, at("status"), async () => {
      await work();
      await draw();
    }));
  return button;
}

function drawnConsent(notice: Notice, state: Consent["state"]): HTMLLIElement {
  const given = state === "given";
  const say = (part: keyof Wording): string => bilingual({ zh: notice.zh[part], en: notice.en[part] });
  const button = worked(el("button", { type: "button", class: given ? "link" : "plain" }, t(given ? "privacy.withdraw" : "privacy.agree")), async () => {
    if (given && !confirm(say("stops"))) return;
    await post("/v1/me/consents", { purpose: notice.purpose, version: notice.version, given: !given });
  });
  return el("li", {},
    el("div", {},
      el("strong", {}, say("title")), " ", el("span", { class: "quiet" }, t(`privacy.${state}` as Word)),
      el("p", { class: "quiet" }, say("text")),
      notice.neededForAccount ? el("p", { class: "quiet" }, say("stops")) : null),
    given && notice.neededForAccount ? null : button);
}

function drawnExport(made: Export): HTMLLIElement {
  const fetchIt = made.state !== "ready" ? null :
    worked(el("button", { type: "button", class: "plain" }, t("privacy.fetch", { size: amount(made.size ?? 0) })), async () => {
      location.assign((await post<{ url: string }>(`/v1/me/exports/${made.id}/link`)).url);
    });
  const until = made.state === "ready" && made.expiresAt ? t("privacy.until", { when: day(made.expiresAt) }) : "";
  return el("li", {},
    el("div", {}, instant(made.requestedAt), " ", el("span", { class: "quiet" }, t(`privacy.export-${made.state}` as Word), " ", until)),
    fetchIt);
}

function drawnAccess(access: Access): HTMLLIElement {
  return el("li", {}, el("div", {}, instant(access.at), " ", el("strong", {}, access.organisation ?? ""), " ", access.who,
    el("p", { class: "quiet" }, `${access.what} · ${access.purpose}`)));
}

async function erasure(): Promise<Erasure | null> {
  try {
    return await get<Erasure>("/v1/me/erasure");
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

function drawErasure(wish: Erasure | null): void {
  const waiting = wish?.state === "waiting";
  say(at("erasure-state"), waiting ? t("privacy.erasure-due", { when: day(wish.dueAt) }) : "");
  const alone = waiting ? wish.leavesWithoutManager : [];
  say(at("left-alone"), alone.length ? t("privacy.left-alone", { names: alone.join("、") }) : "", "bad");
  show(at("ask-erasure"), !waiting);
  show(at("stay"), waiting);
}

async function draw(): Promise<void> {
  const [notices, consents, exports, accesses, wish] = await Promise.all([
    get<{ items: Notice[] }>("/v1/privacy-notices"),
    get<{ items: Consent[] }>("/v1/me/consents"),
    get<{ items: Export[] }>("/v1/me/exports"),
    get<{ items: Access[] }>("/v1/me/accesses"),
    erasure(),
  ]);
  const states = new Map(consents.items.map((consent) => [consent.purpose, consent.state]));
  at("consents").replaceChildren(...notices.items.map((n) => drawnConsent(n, states.get(n.purpose) ?? "not-asked")));
  at("exports").replaceChildren(...exports.items.map(drawnExport));
  at("accesses").replaceChildren(...accesses.items.map(drawnAccess));
  show(at("no-accesses"), accesses.items.length === 0);
  drawErasure(wish);
  if (exports.items.some((made) => made.state === "waiting" || made.state === "making"))
    setTimeout(() => void draw(), LOOK_AGAIN);
}

worked(at<HTMLButtonElement>("ask-export"), async () => void (await post("/v1/me/exports")));
worked(at<HTMLButtonElement>("ask-erasure"), async () => {
  if (confirm(t("privacy.erasure-words"))) await post("/v1/me/erasure");
});
worked(at<HTMLButtonElement>("stay"), async () => void (await call("DELETE", "/v1/me/erasure")));

start(async () => {
  await mustBeSignedIn();
  await header();
  await draw();
  show(at("loading"), false);
  show(at("content"));
});
