/** The box that is ticked before an account is made: which notices it stood beside, in which versions. */

import { at } from "./dom.ts";

export interface Agreed {
  purpose: string;
  version: string;
}

/** `data-learning-records="2026-11"` -> purpose and version. Empty while the box is not ticked. */
export function agreed(): Agreed[] {
  const box = at<HTMLInputElement>("agreed");
  if (!box.checked) return [];
  return box
    .getAttributeNames()
    .filter((name) => name.startsWith("data-"))
    .map((name) => ({ purpose: name.slice("data-".length), version: box.getAttribute(name) ?? "" }));
}
