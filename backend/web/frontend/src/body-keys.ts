/** Keys of a body's systems: made and shown once, listed with their last use, revoked. */

import { Problem, call, get, post } from "./api.ts";
import { at, during, el, show } from "./dom.ts";
import { day, instant } from "./format.ts";
import { Sheet } from "./sheet.ts";
import { type Word, t } from "./words.ts";

const SCOPES = ["verify", "roster", "bulk"] as const;
type Scope = (typeof SCOPES)[number];

interface Key {
  id: string;
  label: string;
  scopes: Scope[];
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

type Standing = "open" | "expired" | "revoked";

const standing = (key: Key): Standing => {
  if (key.revokedAt) return "revoked";
  return Date.parse(key.expiresAt) <= Date.now() ? "expired" : "open";
};
const scopeTitle = (scope: Scope): string => t(`keys.scope.${scope}` as Word);

function made(text: string): void {
  const field = at<HTMLInputElement>("key-text");
  field.value = text;
  show(at("key-made"));
  field.focus();
  field.select();
}

export async function keys(body: string): Promise<void> {
  const path = `${body}/keys`;
  const row = (key: Key): HTMLElement => {
    const state = el("span", { class: "state" }, t(`keys.state.${standing(key)}` as Word));
    state.dataset["state"] = standing(key) === "open" ? "done" : "revoked";
    const used = key.lastUsedAt ? t("keys.used", { at: instant(key.lastUsedAt) }) : t("keys.never-used");
    const span = t("keys.span", { since: day(key.createdAt), until: day(key.expiresAt) });
    const item = el("li", {}, el("strong", {}, key.label), state, el("span", { class: "quiet" }, [key.scopes.map(scopeTitle).join(t("share.and")), span, used].join(" · ")));
    if (standing(key) !== "open") return item;
    const end = el("button", { type: "button", class: "plain", "aria-label": `${t("keys.revoke")} ${key.label}` }, t("keys.revoke"));
    end.onclick = () => {
      if (!confirm(t("keys.revoke-sure", { label: key.label }))) return;
      void during(end, at("keys-note"), async () => {
        await call("DELETE", `${path}/${key.id}`);
        await draw();
      });
    };
    item.append(end);
    return item;
  };
  const draw = async (): Promise<void> => {
    const { items } = await get<{ items: Key[] }>(path);
    at("keys").replaceChildren(...items.map(row));
    show(at("keys-none"), items.length === 0);
  };

  const sheet = new Sheet();
  const label = sheet.field("label", t("keys.label"), { maxlength: "64" }, t("keys.label-words"));
  const boxes = SCOPES.map((scope) => [scope, sheet.check(t("keys.right", { name: scopeTitle(scope), words: t(`keys.scope-words.${scope}` as Word) }), scope)] as const);
  const days = sheet.select("days", t("keys.days"), [30, 90, 180, 366].map((n) => [String(n), t("share.n-days", { n })] as const));
  days.value = "180";
  sheet.submit(t("keys.make-go"), async () => {
    const scopes = boxes.filter(([, box]) => box.checked).map(([scope]) => scope);
    if (!scopes.length) throw new Problem(422, "scopes", t("keys.choose"));
    const name = label.value.trim().replace(/\s+/g, " ");
    made((await post<{ key: string }>(path, { label: name, scopes, days: Number(days.value) })).key);
    sheet.form.reset();
    days.value = "180";
    await draw();
    return "";
  });
  at("key-new").append(sheet.form);
  await draw();
}
