/** `tab-x` shows the fieldset `by-x`; the others are hidden, and their inputs ask for nothing. */

import { at } from "./dom.ts";

export function tabs<Name extends string>(names: readonly Name[]): (name: Name) => void {
  const choose = (chosen: Name): void => {
    for (const name of names) {
      const tab = at(`tab-${name}`);
      const panel = at<HTMLFieldSetElement>(`by-${name}`);
      panel.hidden = panel.disabled = name !== chosen;
      tab.setAttribute("aria-selected", String(name === chosen));
      tab.tabIndex = name === chosen ? 0 : -1;
    }
  };
  names.forEach((name, place) => {
    const tab = at(`tab-${name}`);
    tab.addEventListener("click", () => choose(name));
    tab.addEventListener("keydown", ({ key }) => {
      const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
      const next = names[(place + step + names.length) % names.length];
      if (!step || !next) return;
      choose(next);
      at(`tab-${next}`).focus();
    });
  });
  return choose;
}
