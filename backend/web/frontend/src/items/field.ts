/** What an item is answered with. It tells of changes as form fields do: `input` while somebody
 * types, `change` when that is done. */

import type { Answer } from "./types.ts";

export interface Field<A extends Answer = Answer> {
  readonly element: HTMLElement;
  /** As it stands now. What cannot be kept is said beside it, and is blank here. */
  answer(): A;
}

/** Of names and ids on the page, and which element asks. */
export interface Place {
  name: string;
  labelledBy: string;
}

export const changed = (element: HTMLElement): boolean => element.dispatchEvent(new Event("change", { bubbles: true }));
