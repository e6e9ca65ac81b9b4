/** A list that grows by a page at a press of its button, and keeps its length when drawn anew. */

import { get } from "./api.ts";
import { at, during, show } from "./dom.ts";
import { renew } from "./redraw.ts";

interface Page<T> {
  items: T[];
  nextCursor?: string | null;
}

export class Paged<T, P extends Page<T> = Page<T>> {
  private pages = 1;
  private last = Promise.resolve(0);
  private readonly path: string;
  private readonly id: string;
  private readonly row: (item: T) => HTMLElement;
  private readonly told: (page: P) => void;
  private readonly button: HTMLButtonElement;

  /** `path` takes `cursor`; the element `id` is filled, and `${id}-more` is its button. `told` has the last page shown. */
  constructor(path: string, id: string, row: (item: T) => HTMLElement, told: (page: P) => void = () => undefined) {
    [this.path, this.id, this.row, this.told] = [path, id, row, told];
    this.button = at<HTMLButtonElement>(`${id}-more`);
    this.button.onclick = () => {
      void during(this.button, at(`${id}-note`), async () => {
        this.pages += 1;
        await this.draw();
      });
    };
  }

  /** How many items there are to see. One drawing after another: no older answer takes a newer one's place. */
  draw(): Promise<number> {
    this.last = this.last.catch(() => 0).then(() => this.anew());
    return this.last;
  }

  private async anew(): Promise<number> {
    let page = await get<P>(this.path);
    const items = [...page.items];
    for (let read = 1; read < this.pages && page.nextCursor; read += 1) {
      page = await get<P>(`${this.path}${this.path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(page.nextCursor)}`);
      items.push(...page.items);
    }
    renew(at(this.id), items.map(this.row));
    show(this.button, Boolean(page.nextCursor));
    this.told(page);
    return items.length;
  }
}
