/** Declaring who I am by a document, with the consent that this takes (PIPL, art. 29). */

import { get, post } from "./api.ts";
import { at, during, el } from "./dom.ts";
import { explained, mark } from "./marks.ts";
import type { MyOrganisation, Title } from "./types.ts";
import { type Word, bilingual, t } from "./words.ts";

const KINDS = [
  "resident-id",
  "hong-kong-macao-residence-permit",
  "taiwan-residence-permit",
  "foreign-permanent-residence",
  "passport",
] as const;
const FIELDS = ["name", "kind", "number", "country", "organisationId", "consent"] as const;
const PURPOSE = "identity-verification";

interface Standing {
  state: string;
  declaration: { name: string; number: string } | null;
}

interface Notice {
  purpose: string;
  version: string;
  zh: { title: string; text: string };
  en: { title: string; text: string };
}

/** What to show of one's identity: where it stands, or the form. `name`: as the account has it. */
export async function declaration(name: string): Promise<HTMLElement> {
  const [standing, { items: notices }, { items: organisations }] = await Promise.all([
    get<Standing>("/v1/me/identity"),
    get<{ items: Notice[] }>("/v1/privacy-notices"),
    get<{ items: MyOrganisation[] }>("/v1/me/organisations"),
  ]);
  const box = el("div");
  const draw = (now: Standing): void => {
    const waits = now.state === "declared" || now.state === "attested";
    const notice = notices.find((one) => one.purpose === PURPOSE);
    box.replaceChildren(...(waits || !notice ? waiting(now) : [...before(now), form(name, notice, organisations, draw)]));
  };
  draw(standing);
  return box;
}

function waiting(standing: Standing): HTMLElement[] {
  const { name, number } = standing.declaration ?? { name: "", number: "" };
  return [el("p", { tabindex: "-1", id: "identity-waits" }, t("identity.waits")), el("p", { class: "quiet" }, `${name} · ${number}`)];
}

function before(standing: Standing): HTMLElement[] {
  const ended = ["rejected", "expired", "revoked"].includes(standing.state);
  return ended ? [el("p", {}, el("strong", {}, t(`identity.${standing.state}` as Word)))] : [];
}

function form(name: string, notice: Notice, organisations: MyOrganisation[], draw: (now: Standing) => void): HTMLFormElement {
  const kind = chosen("kind", KINDS.map((one) => [one, t(`identity.${one}`)]));
  const country = typed("country", "", { maxlength: "3", autocapitalize: "characters", autocomplete: "off" });
  const abroad = el("div", { hidden: "" }, ...labelled(country, "identity.country"));
  kind.addEventListener("change", () => { abroad.hidden = kind.value !== "passport"; });
  const seenBy = chosen("organisationId", [...organisations.map((one): [string, string] => [one.id, one.name]), ["", t("identity.by-us")]]);
  const agrees = el("input", { type: "checkbox", id: "consent", "aria-describedby": "consent-text consent-wrong" });
  const note = el("p", { role: "alert", hidden: "" });
  const button = el("button", {}, t("identity.declare"));
  const { title, text } = bilingualOf(notice);
  const made = el("form", { novalidate: "" },
    ...labelled(typed("name", name, { maxlength: "64", autocomplete: "name" }), "identity.name"),
    ...labelled(kind, "identity.kind"),
    ...labelled(typed("number", "", { maxlength: "64", autocomplete: "off", spellcheck: "false" }), "identity.number"),
    abroad,
    ...labelled(seenBy, "identity.seen-by"),
    el("p", { class: "quiet", id: "consent-text" }, el("strong", {}, title), " ", text.trim()),
    el("label", { class: "option" }, agrees, " ", t("identity.agree")),
    wrong("consent"), note, button);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    void during(button, note, () => explained(FIELDS, async () => {
      draw(await post<Standing>("/v1/me/identity", said(agrees.checked ? notice.version : null)));
      at("identity-waits").focus(); // what had the focus is gone
    }));
  });
  return made;
}

/** A passport alone is somebody's; a field that is not sent cannot be wrong. */
function said(version: string | null): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const field of FIELDS.filter((one) => one !== "consent")) {
    const value = at<HTMLInputElement>(field).value.trim().replace(/\s+/g, " ");
    if (value && (field !== "country" || at<HTMLSelectElement>("kind").value === "passport")) sent[field] = value;
  }
  return version === null ? sent : { ...sent, consent: version };
}

function bilingualOf(notice: Notice): { title: string; text: string } {
  const of = (part: "title" | "text"): string => bilingual({ zh: notice.zh[part], en: notice.en[part] } satisfies Title);
  return { title: of("title"), text: of("text") };
}

function typed(id: string, value: string, attributes: Record<string, string>): HTMLInputElement {
  const input = el("input", { id, "aria-describedby": `${id}-wrong`, ...attributes });
  input.value = value;
  input.addEventListener("input", () => mark(id, ""));
  return input;
}

function chosen(id: string, options: (readonly [string, string])[]): HTMLSelectElement {
  return el("select", { id, "aria-describedby": `${id}-wrong` }, ...options.map(([value, text]) => el("option", { value }, text)));
}

function labelled(input: HTMLElement, word: Word): HTMLElement[] {
  return [el("label", { for: input.id }, t(word)), input, wrong(input.id)];
}

function wrong(field: string): HTMLElement {
  return el("p", { id: `${field}-wrong`, class: "hint", role: "alert", hidden: "" });
}
