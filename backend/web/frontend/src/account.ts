/** My account: ways in, second factor, recovery codes, passkeys, and where I am signed in. */

import { type Session, adopt, call, get, post, refresh } from "./api.ts";
import { at, during, el, mustBeSignedIn, say, show, start } from "./dom.ts";
import { instant } from "./format.ts";
import { mySessions } from "./my-sessions.ts";
import { addPasskey } from "./passkeys.ts";
import { proved, withProof } from "./proof.ts";
import { header } from "./session.ts";
import type { Person } from "./types.ts";
import { sayWhatCameBack, waysIn } from "./ways-in.ts";
import { type Word, t } from "./words.ts";

interface Mine {
  methods: string[];
  recoveryCodesLeft: number;
}

interface Passkey {
  id: string;
  label: string;
  createdAt: string;
  lastUsedAt: string | null;
  perhapsCopied: boolean;
}

/** A button whose work may have to be proved first; the page is drawn anew after it. */
function on(id: string, work: () => Promise<void>): void {
  const button = at<HTMLButtonElement>(id);
  const go = (): void =>
    void during(button, at("status"), () =>
      withProof(async () => {
        await work();
        await draw();
      }));
  if (button.form && button.type === "submit")
    button.form.addEventListener("submit", (event) => {
      event.preventDefault();
      go();
    });
  else button.addEventListener("click", go);
}

function showRecoveryCodes(codes: string[]): void {
  if (codes.length === 0) return;
  at("recovery-codes").replaceChildren(...codes.map((code) => el("li", {}, code)));
  show(at("recovery-new"));
}

function drawnPasskey(passkey: Passkey): HTMLLIElement {
  const used = passkey.lastUsedAt ? t("account.last-used", { when: instant(passkey.lastUsedAt) }) : t("account.never-used");
  const remove = el("button", { type: "button", class: "link" }, t("account.remove"));
  remove.addEventListener("click", () =>
    void during(remove, at("status"), () =>
      withProof(async () => {
        await call("DELETE", `/v1/me/passkeys/${passkey.id}`);
        await draw();
      })));
  const name = el("button", { type: "button", class: "link" }, t("account.rename"));
  name.addEventListener("click", () => {
    const label = prompt(t("account.passkey-label"), passkey.label)?.trim().replace(/\s+/g, " ");
    if (label)
      void during(name, at("status"), async () => {
        await call("PATCH", `/v1/me/passkeys/${passkey.id}`, { label });
        await draw();
      });
  });
  return el("li", {},
    el("div", {},
      el("strong", {}, passkey.label),
      el("p", { class: "quiet" }, t("account.added", { when: instant(passkey.createdAt) }), el("br"), used),
      passkey.perhapsCopied ? el("p", { "data-tone": "bad" }, t("account.passkey-copied")) : null),
    el("span", { class: "row" }, name, remove));
}

function drawWaiting(person: Person): void {
  const roles = person.rolesWaiting.map((role) => t(`role.${role}` as Word)).join(t("account.and"));
  const enrolled = person.secondFactor.enrolled;
  const note = at("waiting");
  show(note, roles !== "");
  if (roles === "") return;
  note.replaceChildren(t(enrolled ? "account.waiting-code" : "account.waiting-setup", { roles }));
  if (!enrolled) return;
  const go = el("button", { type: "button", class: "link" }, t("account.show-now"));
  go.addEventListener("click", () => void during(go, at("status"), async () => void ((await proved()) && (await draw()))));
  note.append(" ", go);
}

async function draw(): Promise<void> {
  const [person, mine, passkeys] = await Promise.all([
    get<Person>("/v1/me"),
    get<Mine>("/v1/me/second-factor"),
    get<{ items: Passkey[] }>("/v1/me/passkeys"),
  ]);
  const there = mine.methods.includes("totp");
  say(at("authenticator-state"), t(there ? "account.authenticator-there" : "account.authenticator-none"));
  at("begin").textContent = t(there ? "account.begin-anew" : "account.begin");
  show(at("remove"), there);
  show(at("recovery"), mine.methods.length > 0);
  say(at("recovery-state"), t("account.recovery-left", { n: mine.recoveryCodesLeft }));
  at("passkeys").replaceChildren(...passkeys.items.map(drawnPasskey));
  drawWaiting(person);
}

on("begin", async () => {
  const made = await post<{ secret: string; qr: string }>("/v1/me/authenticator");
  at<HTMLImageElement>("qr").src = made.qr;
  at("secret").textContent = made.secret.replace(/(.{4})(?=.)/g, "$1 ");
  show(at("enrol"));
  at("first-code").focus();
});
on("confirm-first", async () => {
  const field = at<HTMLInputElement>("first-code");
  const body = { code: field.value };
  const done = await post<Session & { recoveryCodes: string[] }>("/v1/me/authenticator/confirmation", body);
  adopt(done);
  field.value = "";
  show(at("enrol"), false);
  showRecoveryCodes(done.recoveryCodes);
});
on("remove", async () => {
  await call("DELETE", "/v1/me/authenticator");
  show(at("recovery-new"), false);
  await refresh(); // roles may wait again
});
on("renew", async () => {
  showRecoveryCodes((await post<{ recoveryCodes: string[] }>("/v1/me/recovery-codes")).recoveryCodes);
});
on("add", async () => {
  const field = at<HTMLInputElement>("passkey-label");
  showRecoveryCodes((await addPasskey(field.value.trim().replace(/\s+/g, " "))).recoveryCodes);
  field.value = "";
});

start(async () => {
  await mustBeSignedIn();
  await header();
  await Promise.all([draw(), mySessions(), waysIn()]);
  show(at("loading"), false);
  show(at("content"));
  sayWhatCameBack();
});
