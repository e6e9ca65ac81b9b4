/** One edition handed in: what differs lesson by lesson, and an author's proposal to release it. */

import { get, post } from "./api.ts";
import { at, el, mustBeSignedIn, show, start } from "./dom.ts";
import { type Difference, type Differences, type Draft, differences, dress, parts } from "./edition-lessons.ts";
import { instant } from "./format.ts";
import { header } from "./session.ts";
import { Sheet } from "./sheet.ts";
import { bilingual, t } from "./words.ts";

type Page = Draft & Differences & { insteadOf: string };

const MAY_BE_PROPOSED = new Set(["handed-in", "refused"]);
const today = (): string => new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });

/** Lessons whose correction leaves what is learned as it was: nobody has to learn them again. */
function editorial(sheet: Sheet, changed: Difference[]): HTMLInputElement[] {
  if (!changed.length) return [];
  const boxes = changed.map((one) => el("input", { type: "checkbox", value: one.code }));
  const options = changed.map((one, n) => el("label", { class: "option" }, boxes[n] ?? null, `${one.code} ${bilingual(one.title)}${t("editions.in-brackets", { text: parts(one) })}`));
  sheet.form.append(
    el("fieldset", { class: "options" }, el("legend", {}, t("editions.editorial")), el("p", { class: "quiet hint" }, t("editions.editorial-words")), ...options),
  );
  return boxes;
}

function proposal(draft: Page): HTMLFormElement {
  const sheet = new Sheet();
  const until = sheet.field("finishUntil", t("editions.last-day", { old: draft.insteadOf }), { type: "date", min: today() }, t("editions.last-day-words"));
  const boxes = editorial(sheet, draft.lessons.filter((one) => one.change === "changed"));
  sheet.submit(t("editions.propose-go"), async () => {
    const made = await post<{ id: string }>("/v1/edition-releases", {
      edition: draft.code,
      sha256: draft.sha256,
      finishUntil: until.value,
      editorial: boxes.filter((box) => box.checked).map((box) => box.value),
    });
    location.assign(`/editions/releases/${made.id}`);
    return "";
  });
  return sheet.form;
}

start(async () => {
  await mustBeSignedIn();
  const id = at("edition").dataset["draft"] ?? "";
  const [person, draft] = await Promise.all([header(), get<Page>(`/v1/edition-drafts/${id}`)]);
  at("edition").textContent = t("editions.edition", { code: draft.code });
  dress(at("state"), draft.state);
  at("facts").textContent = t("editions.handed-in", { at: instant(draft.handedInAt), hash: draft.sha256.slice(0, 12) });
  differences(draft);
  const may = person?.roles.includes("author") === true && MAY_BE_PROPOSED.has(draft.state);
  if (may) at("propose").append(proposal(draft));
  show(at("propose-part"), may);
  show(at("loading"), false);
  show(at("content"));
});
