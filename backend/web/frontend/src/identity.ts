/** The notice for whoever is not verified yet, with the way to be: on a demonstration, by a name
 * alone. */

import { get, post } from "./api.ts";
import { declaration } from "./declare.ts";
import { at, during, el } from "./dom.ts";
import type { Person } from "./types.ts";
import { t } from "./words.ts";

const BOX = "identity";

/** Shows what is missing; `verified` runs when it is not any more. */
export async function identityNotice(person: Person | null, verified: () => Promise<void>): Promise<void> {
  if (!person || person.identity.verified) return at(BOX).replaceChildren();
  const within = person.demonstration ? demonstration(person, verified) : [await declaration(person.name)];
  at(BOX).replaceChildren(
    el("section", { class: "card", "aria-labelledby": "identity-title" },
      el("h2", { id: "identity-title" }, t("identity.title")),
      el("p", {}, t("identity.why")),
      ...within),
  );
}

function demonstration(person: Person, verified: () => Promise<void>): HTMLElement[] {
  const name = el("input", { id: "real-name", maxlength: "64", autocomplete: "name", required: "" });
  name.value = person.name;
  name.setAttribute("aria-describedby", "real-name-words");
  const button = el("button", {}, t("identity.submit"));
  const note = el("p", { role: "alert", hidden: "" });
  const form = el("form", {},
    el("label", { for: "real-name" }, t("identity.name")),
    el("p", { class: "quiet hint", id: "real-name-words" }, t("identity.name-words")),
    name, note, button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void during(button, note, () => pass(person, name.value.trim().replace(/\s+/g, " "), verified));
  });
  return [el("p", { class: "demonstration" }, el("strong", {}, t("identity.demonstration"))), form];
}

async function pass(person: Person, name: string, verified: () => Promise<void>): Promise<void> {
  const result = await post<{ verified: boolean }>("/v1/me/identity-verification", { name });
  if (!result.verified) return;
  await get("/v1/records"); // asking for them takes up those that waited for this
  person.identity.verified = true;
  at("who").textContent = person.name = name;
  await verified();
  at(BOX).replaceChildren();
  at("main").focus(); // what had the focus is gone
}
