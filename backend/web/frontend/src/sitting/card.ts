/** The answer card (答题卡): every item, whether it is answered, to be looked at again, or not saved. */

import { el } from "../dom.ts";
import type { Standing } from "../items/answered.ts";
import { t } from "../words.ts";

export interface Cell {
  standing: Standing;
  marked: boolean;
  unsaved: boolean;
}

export class Card {
  private readonly buttons: HTMLButtonElement[];

  constructor(list: HTMLElement, items: number, go: (to: number) => void) {
    this.buttons = Array.from({ length: items }, (_, at) => {
      const button = el("button", { type: "button", class: "cell" }, String(at + 1));
      button.addEventListener("click", () => go(at + 1));
      return button;
    });
    list.replaceChildren(...this.buttons.map((button) => el("li", {}, button)));
  }

  /** `here`: the place of the item in sight, from 1. */
  draw(cells: Cell[], here: number): void {
    this.buttons.forEach((button, at) => {
      const { standing, marked, unsaved } = cells[at]!;
      const said = [t("exam.item-n", { n: at + 1 }), t(`exam.standing.${standing}`)];
      if (marked) said.push(t("exam.is-marked"));
      if (unsaved) said.push(t("exam.is-unsaved"));
      button.setAttribute("aria-label", said.join(t("exam.comma")));
      button.dataset["standing"] = standing;
      button.toggleAttribute("data-marked", marked);
      button.toggleAttribute("data-unsaved", unsaved);
      if (at + 1 === here) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
  }
}
