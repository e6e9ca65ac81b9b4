/** What opens my account: logins, the password, accounts elsewhere; added, changed, removed. */

import { call, get, post } from "./api.ts";
import { codeField } from "./code-field.ts";
import { at, during, el, say, show } from "./dom.ts";
import { refusal } from "./federation.ts";
import { instant } from "./format.ts";
import { explain, explained, mark } from "./marks.ts";
import { withProof } from "./proof.ts";
import { t } from "./words.ts";

interface Login {
  id: string;
  masked: string;
  proved?: boolean;
}

interface Identity {
  id: string;
  provider: string;
  linkedAt: string;
  lastUsedAt: string | null;
}

const input = (id: string): HTMLInputElement => at<HTMLInputElement>(id);
const providers = (): HTMLButtonElement[] => [...document.querySelectorAll<HTMLButtonElement>("[data-provider]")];

/** Takes one away, once it is sure and proved; what came of it is said in `note`. */
function removal(word: string, name: string, sure: string, path: string, note: HTMLElement): HTMLButtonElement {
  const button = el("button", { type: "button", class: "link", "aria-label": `${word} ${name}` }, word);
  button.addEventListener("click", () => {
    if (!confirm(sure)) return;
    void during(button, note, () => withProof(async () => {
      await call("DELETE", path);
      await waysIn();
      say(note, t("ways.removed"), "good");
    }));
  });
  return button;
}

function drawnLogin(login: Login): HTMLLIElement {
  const sure = t("ways.remove-sure", { login: login.masked });
  return el("li", {},
    el("div", {},
      el("strong", {}, login.masked),
      login.proved ? null : el("span", { class: "quiet" }, " ", t("ways.unproved"))),
    removal(t("account.remove"), login.masked, sure, `/v1/me/logins/${login.id}`, at("logins-status")));
}

function drawnIdentity(identity: Identity): HTMLLIElement {
  const known = providers().find((button) => button.dataset["provider"] === identity.provider);
  const title = known?.dataset["title"] ?? t("ways.provider-gone", { provider: identity.provider });
  const used = identity.lastUsedAt ? t("account.last-used", { when: instant(identity.lastUsedAt) }) : t("account.never-used");
  const path = `/v1/me/federated-identities/${identity.id}`;
  return el("li", {},
    el("div", {},
      el("strong", {}, title),
      el("p", { class: "quiet" }, t("account.added", { when: instant(identity.linkedAt) }), el("br"), used)),
    removal(t("ways.unlink"), title, t("ways.unlink-sure", { provider: title }), path, at("identities-status")));
}

function drawPassword(there: boolean, logins: number): void {
  say(at("password-state"), t(there ? "ways.password-there" : "ways.password-none"));
  say(at("change-password-words"), t(there ? "ways.change-password" : "ways.set-password"));
  show(at("remove-password"), there);
  show(at("change-password"), logins > 0); // nobody signs in by a password alone
  proveBy(there ? "by-present" : "by-own-code");
}

function proveBy(way: "by-present" | "by-own-code"): void {
  for (const id of ["by-present", "by-own-code"]) {
    show(at(id), id === way);
    at<HTMLFieldSetElement>(id).disabled = id !== way;
  }
}

export async function waysIn(): Promise<void> {
  const mine = await get<{ items: Login[]; password: boolean }>("/v1/me/logins");
  at("logins").replaceChildren(...mine.items.map(drawnLogin));
  show(at("no-logins"), mine.items.length === 0);
  drawPassword(mine.password, mine.items.length);
  if (providers().length === 0) return;
  const found = await get<{ identities: Identity[] }>("/v1/me/federated-identities");
  at("identities").replaceChildren(...found.identities.map(drawnIdentity));
}

/** A form whose refusals stand beside its fields; `of` is what their ids begin with. */
function onSubmit(form: string, of: string, fields: string[], work: () => Promise<void>): void {
  at<HTMLFormElement>(form).addEventListener("submit", (event) => {
    event.preventDefault();
    void during(at<HTMLButtonElement>(`${of}submit`), at(`${of}status`), () =>
      explained(fields, () => withProof(work), of));
  });
}

function done(details: string, form: string, note: string, words: string): void {
  at<HTMLFormElement>(form).reset();
  at<HTMLDetailsElement>(details).open = false;
  say(at(note), words, "good");
}

const linkProof = codeField("link", input("new-login"), (error) => explain(error, "new-"), "new-");
onSubmit("link-login", "new-", ["login", "sent-code"], async () => {
  const proved = linkProof();
  if (!proved) return;
  await post("/v1/me/logins", { login: input("new-login").value.trim(), ...proved });
  await waysIn();
  done("add-login", "link-login", "logins-status", t("ways.added"));
});

const ownProof = codeField("recovery", input("own-login"), (error) => explain(error, "own-"), "own-");

function passwordProof(): object | null {
  if (!at<HTMLFieldSetElement>("by-present").disabled) return { currentPassword: input("present").value };
  const proved = ownProof();
  return proved && { login: input("own-login").value.trim(), ...proved };
}

onSubmit("set-password", "own-", ["login", "sent-code", "password"], async () => {
  mark("present", "");
  const proved = passwordProof();
  if (!proved) return;
  try {
    await call("PUT", "/v1/me/password", { password: input("own-password").value, ...proved });
  } catch (error) {
    explain(error); // the present password has no prefix of its own
    throw error;
  }
  await waysIn();
  done("change-password", "set-password", "password-note", t("ways.password-saved"));
});
at("forgotten").addEventListener("click", () => {
  proveBy("by-own-code");
  input("own-login").focus();
});

const remove = at<HTMLButtonElement>("remove-password");
remove.addEventListener("click", () => {
  if (!confirm(t("ways.remove-password-sure"))) return;
  void during(remove, at("password-note"), () => withProof(async () => {
    await call("DELETE", "/v1/me/password");
    await waysIn();
    say(at("password-note"), t("ways.password-removed"), "good");
  }));
});

for (const button of providers())
  button.addEventListener("click", () =>
    void during(button, at("identities-status"), () => withProof(async () => {
      const way = `/v1/federation/${button.dataset["provider"] ?? ""}/link`;
      const begun = await post<{ authorizationUrl: string }>(way, { returnTo: "/account" });
      location.assign(begun.authorizationUrl);
      await new Promise(() => {}); // the page is leaving
    })));

/** What the way back from a provider has brought, said once: a reload says it no more. */
export function sayWhatCameBack(): void {
  const brought = new URLSearchParams(location.search);
  const refused = brought.get("refused");
  if (!refused && !brought.has("linked")) return;
  if (refused) say(at("identities-status"), refusal(refused), "bad");
  else say(at("identities-status"), t("ways.linked"), "good");
  at("identities-title").scrollIntoView();
  history.replaceState(null, "", location.pathname);
}
