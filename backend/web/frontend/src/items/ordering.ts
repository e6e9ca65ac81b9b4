/** Elements in an order: buttons for keyboard and thumb, a handle to drag; each move is said. */

import { el } from "../dom.ts";
import { t } from "../words.ts";
import { type Field, type Place, changed } from "./field.ts";
import { label, plain } from "./rich-text.ts";
import type { Ordered, ShownOption, ShownOrdering } from "./types.ts";

type Side = "up" | "down";

export function ordering(asked: ShownOrdering, given: Ordered | undefined, place: Place): Field<Ordered> {
  return new Ordering(asked.options, given?.order ?? [], place);
}

class Ordering implements Field<Ordered> {
  readonly element: HTMLElement;
  private readonly list: HTMLOListElement;
  private readonly spoken = el("p", { class: "unseen", role: "status" });
  private readonly untouched: HTMLElement;
  /** The order that is shown is no answer before somebody says that it is. */
  private answered: boolean;

  constructor(options: ShownOption[], order: string[], place: Place) {
    this.answered = order.length > 0;
    const left = options.filter((one) => !order.includes(one.id));
    const first = order.flatMap((id) => options.filter((one) => one.id === id));
    this.list = el("ol", { class: "ordering", "aria-labelledby": place.labelledBy }, ...[...first, ...left].map((one) => this.row(one)));
    const asShown = el("button", { type: "button", class: "plain" }, t("item.order-as-shown"));
    asShown.addEventListener("click", () => this.settle());
    this.untouched = el("div", { class: "untouched" }, el("p", { class: "quiet" }, t("item.order-open")), asShown);
    this.element = el("div", {}, el("p", { class: "hint quiet" }, t("item.order-hint")), this.list, this.untouched, this.spoken);
    this.show();
  }

  answer(): Ordered {
    return { kind: "order", order: this.answered ? this.rows.map((row) => row.dataset["option"]!) : [] };
  }

  private get rows(): HTMLElement[] {
    return [...this.list.children] as HTMLElement[];
  }

  private row(option: ShownOption): HTMLElement {
    const handle = el("span", { class: "handle", "aria-hidden": "true" }, "⠿");
    const buttons = (["up", "down"] as const).map((side) => {
      const button = el("button", { type: "button", class: "plain", "data-side": side }, side === "up" ? "↑" : "↓");
      button.setAttribute("aria-label", t(`item.move-${side}`, { words: plain(option.text) }));
      return button;
    });
    const row = el("li", { "data-option": option.id }, handle, label(option.text), el("span", { class: "moves" }, ...buttons));
    for (const button of buttons)
      button.addEventListener("click", () => this.move(row, button.dataset["side"] as Side, plain(option.text)));
    this.drag(row, handle);
    return row;
  }

  private move(row: HTMLElement, side: Side, words: string): void {
    const neighbour = side === "up" ? row.previousElementSibling : row.nextElementSibling;
    if (!neighbour) return;
    this.swap(row, neighbour, side);
    this.settle();
    const at = this.rows.indexOf(row) + 1;
    this.spoken.textContent = t("item.moved", { words, at, all: this.rows.length });
  }

  /** The neighbour is what moves: the row that is held keeps its focus and its pointer. */
  private swap(row: Element, neighbour: Element, side: Side): void {
    if (side === "up") row.after(neighbour);
    else row.before(neighbour);
  }

  private drag(row: HTMLElement, handle: HTMLElement): void {
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      row.classList.add("dragged");
      event.preventDefault();
    });
    handle.addEventListener("pointermove", (event) => {
      if (handle.hasPointerCapture(event.pointerId)) this.follow(row, event.clientY);
    });
    const drop = (): void => {
      if (!row.classList.contains("dragged")) return;
      row.classList.remove("dragged");
      this.settle();
    };
    handle.addEventListener("pointerup", drop);
    handle.addEventListener("pointercancel", drop);
  }

  /** Past as many neighbours as a fast finger has passed. */
  private follow(row: Element, y: number): void {
    for (let above = row.previousElementSibling; above && y < middle(above); above = row.previousElementSibling) this.swap(row, above, "up");
    for (let below = row.nextElementSibling; below && y > middle(below); below = row.nextElementSibling) this.swap(row, below, "down");
  }

  private settle(): void {
    this.answered = true;
    this.show();
    changed(this.element);
  }

  private show(): void {
    this.untouched.hidden = this.answered;
    this.rows.forEach((row, at) => {
      for (const button of row.querySelectorAll("button")) {
        const end = button.dataset["side"] === "up" ? at === 0 : at === this.rows.length - 1;
        button.setAttribute("aria-disabled", String(end)); // `disabled` would lose the focus
      }
    });
  }
}

function middle(row: Element): number {
  const { top, height } = row.getBoundingClientRect();
  return top + height / 2;
}
