/**
 * Texts of items as elements, each part by its type. There is no markup in them, so none is parsed;
 * a table scrolls in itself, and who does not see an image hears its words.
 */

import { download } from "../api.ts";
import { el } from "../dom.ts";
import { t } from "../words.ts";
import { formula } from "./formula.ts";
import type { Block, Image, Inline, Line, RichText, Table } from "./types.ts";

/** What stands where a gap is marked. */
type Gaps = (id: string) => Node;
const NO_GAPS: Gaps = () => document.createTextNode("");

/** Of its author's language, whatever the page's. */
export function said(text: RichText, gaps: Gaps = NO_GAPS): HTMLElement {
  const children = typeof text === "string" ? [el("p", {}, text)] : text.map((block) => drawn(block, gaps));
  return el("div", { class: "rich", lang: "zh-CN" }, ...children);
}

/** For a label: one line of words is only that. */
export const label = (text: RichText): HTMLElement =>
  typeof text === "string" ? el("span", { lang: "zh-CN" }, text) : said(text);

/** The words alone: what a list to choose from can show. */
export function plain(text: RichText): string {
  if (typeof text === "string") return text;
  return text.flatMap(words).join(" ").trim();
}

function words(block: Block): string[] {
  if (block.type === "image") return [block.alt];
  const lines = block.type === "paragraph" ? [block.content] : block.type === "list" ? block.entries : block.rows.flat();
  return lines.map((line) => line.map((one) => (one.type === "text" ? one.text : one.type === "formula" ? one.alt : "")).join(""));
}

function drawn(block: Block, gaps: Gaps): HTMLElement {
  if (block.type === "paragraph") return el("p", {}, ...line(block.content, gaps));
  if (block.type === "list") return el(block.numbered ? "ol" : "ul", {}, ...block.entries.map((one) => el("li", {}, ...line(one, gaps))));
  return block.type === "table" ? table(block, gaps) : figure(block);
}

const line = (content: Line, gaps: Gaps): Node[] => content.map((one) => inline(one, gaps));

function inline(one: Inline, gaps: Gaps): Node {
  if (one.type === "gap") return gaps(one.id);
  if (one.type === "formula") return formula(one.latex, one.alt);
  let made: Node = document.createTextNode(one.text);
  if (one.script !== "line") made = el(one.script === "below" ? "sub" : "sup", {}, made);
  if (one.emphasis) made = el("em", {}, made);
  return one.strong ? el("strong", {}, made) : made;
}

function table(block: Table, gaps: Gaps): HTMLElement {
  const row = (cells: Line[], tag: "th" | "td"): HTMLElement =>
    el("tr", {}, ...cells.map((cell) => el(tag, tag === "th" ? { scope: "col" } : {}, ...line(cell, gaps))));
  const made = el(
    "table",
    {},
    block.caption ? el("caption", {}, block.caption) : null,
    block.headers ? el("thead", {}, ...block.rows.slice(0, block.headers).map((cells) => row(cells, "th"))) : null,
    el("tbody", {}, ...block.rows.slice(block.headers).map((cells) => row(cells, "td"))),
  );
  // Reached by Tab, so that the keyboard scrolls it.
  return el("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": block.caption || t("item.table") }, made);
}

/** By this browser, which keeps it: without a network there is no other. */
async function fetchedBefore(path: string): Promise<Blob> {
  const answer = await fetch(path, { cache: "only-if-cached", mode: "same-origin" });
  if (!answer.ok) throw new TypeError(`${path}: ${answer.status}`);
  return answer.blob();
}

/** Fetched as its reader; where it does not come, its words stand in its place. */
function figure(image: Image): HTMLElement {
  const picture = el("img", { alt: image.alt });
  const place = el("figure", {}, picture);
  const path = `/v1/items/images/${image.sha256}`;
  void download(path)
    .catch(() => fetchedBefore(path))
    .then((content) => (picture.src = URL.createObjectURL(content)))
    .catch(() => place.replaceChildren(el("p", { class: "note" }, t("item.image", { words: image.alt }))));
  return place;
}
