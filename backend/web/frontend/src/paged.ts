/** A list that grows by a page at a press of its button, and keeps its length when drawn anew. */

import { get } from "./api.ts";
import { at, during, show } from "./dom.ts";

interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export class Paged<T> {
  private pages = 1;
  private readonly path: string;
  private readonly id: string;
  private readonly row: (item: T) => HTMLElement;
  private readonly button: HTMLButtonElement;

  /** `path` takes `cursor`; the element `id` is filled, and `${id}-more` is its button. */
  constructor(path: string, id: string, row: (item: T) => HTMLElement) {
    [this.path, this.id, this.row] = [path, id, row];
    this.button = at<HTMLButtonElement>(`${id}-more`);
    this.button.addEventListener("click", () => {
      void during(this.button, at(`${id}-note`), async () => {
        this.pages += 1;
        await this.draw();
      });
    });
  }

  /** How many items there are to see. */
  async draw(): Promise<number> {
    const items: T[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < this.pages && (page === 0 || cursor); page += 1) {
      const found: Page<T> = await get<Page<T>>(cursor ? `${this.path}?cursor=${encodeURIComponent(cursor)}` : this.path);
      items.push(...found.items);
      cursor = found.nextCursor ?? null;
    }
    at(this.id).replaceChildren(...items.map(this.row));
    show(this.button, cursor !== null);
    return items.length;
  }
}
