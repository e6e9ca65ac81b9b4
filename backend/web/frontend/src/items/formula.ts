/** Formulas as MathML that browsers draw themselves; their author's words for who hears them. */

import { el } from "../dom.ts";

/** Until it is drawn, and where it cannot be, the words stand there. */
export function formula(latex: string, alt: string): HTMLElement {
  const place = el("span", { class: "formula", role: "math", "aria-label": alt }, alt);
  void draw(place, latex).catch(console.error);
  return place;
}

async function draw(place: HTMLElement, latex: string): Promise<void> {
  const { default: temml } = await import("temml"); // larger than all the rest of the page
  const drawn = el("span", { "aria-hidden": "true" });
  // Nothing that reaches out of the formula: no links, no classes, no endless macros.
  temml.render(latex, drawn, { trust: false, throwOnError: true, maxExpand: 200, maxSize: [20, 20] });
  place.replaceChildren(drawn);
}
