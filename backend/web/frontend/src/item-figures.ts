/** Figures as an author reads them: shares in percent, a row of the table, a drawn picture. */

import { download } from "./api.ts";
import { el, words } from "./dom.ts";
import type { Line } from "./item-opened.ts";
import { type Word, bilingual, language, t } from "./words.ts";

export const percent = (share: number | null): string => (share === null ? "—" : `${Math.round(100 * share)}%`);
export const decimal = (value: number | null): string => (value === null ? "—" : value.toFixed(2));

export function findings(one: Line): HTMLElement {
  if (!one.findings.length) return el("span", { class: "quiet" }, t("figures.fine"));
  return el("ul", {}, ...one.findings.map((said) => el("li", {}, bilingual(said))));
}

export function row(one: Line, open: (button: HTMLButtonElement) => void): HTMLElement {
  const button = el("button", { type: "button", class: "link" }, one.code);
  button.onclick = () => open(button);
  const verdict = el("p", { class: "verdict" }, t(`figures.standing.${one.standing}` as Word));
  const cell = (label: Word, ...said: (Node | string)[]): HTMLElement => el("td", { "data-label": t(label) }, ...said);
  return el(
    "tr",
    { "data-standing": one.standing },
    el("th", { scope: "row", "data-label": t("figures.item") }, button),
    cell("figures.answers", one.answers === null ? "—" : String(one.answers)),
    cell("figures.facility", percent(one.facility)),
    cell("figures.discrimination", decimal(one.discrimination)),
    el("td", {}, ...(one.standing === "fine" ? [] : [verdict]), findings(one)),
  );
}

const ENTITIES: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&#x27;": "'" };

/** A picture that needs the token: fetched, then shown; its own title is what is heard. */
export function drawing(path: string): HTMLElement {
  const image = el("img", { alt: "", width: "520", height: "370" });
  const caption = el("figcaption", {}, t("site.loading"));
  const figure = el("figure", {}, image, caption);
  void drawn(path, image, caption).catch((error: unknown) => {
    caption.textContent = words(error);
    image.remove();
  });
  return figure;
}

async function drawn(path: string, image: HTMLImageElement, caption: HTMLElement): Promise<void> {
  const picture = await download(`${path}&language=${language}`.replace("?&", "?"));
  const title = /<title>([^<]*)<\/title>/.exec(await picture.text())?.[1] ?? "";
  caption.textContent = title.replace(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity);
  image.src = URL.createObjectURL(picture);
  await image.decode();
  URL.revokeObjectURL(image.src);
}
