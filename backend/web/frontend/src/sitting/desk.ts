/** What this device remembers of a sitting besides its answers: where one was, how long, what to look at again. */

interface Remembered {
  position: number;
  marks: number[];
  spent: Record<number, number>;
}

export class Desk {
  private readonly key: string;
  private readonly now: Remembered;
  /** Since when the item has been looked at; null while it is out of sight. */
  private since: number | null = null;

  constructor(attempt: string) {
    this.key = `guanbiao.desk.${attempt}`;
    const kept = JSON.parse(localStorage.getItem(this.key) ?? "{}") as Partial<Remembered>;
    this.now = { position: 0, marks: [], spent: {}, ...kept };
  }

  get position(): number {
    return this.now.position;
  }

  marked(position: number): boolean {
    return this.now.marks.includes(position);
  }

  /** Milliseconds that the item has been looked at. */
  get spent(): number {
    const before = this.now.spent[this.position] ?? 0;
    return Math.round(this.since === null ? before : before + performance.now() - this.since);
  }

  mark(): void {
    const others = this.now.marks.filter((one) => one !== this.position);
    this.now.marks = this.marked(this.position) ? others : [...others, this.position];
    this.keep();
  }

  look(): void {
    this.since ??= performance.now();
  }

  leave(): void {
    this.now.spent[this.position] = this.spent;
    this.since = null;
    this.keep();
  }

  go(to: number): void {
    if (this.since !== null) this.leave();
    this.now.position = to;
    this.look();
    this.keep();
  }

  forget(): void {
    localStorage.removeItem(this.key);
  }

  private keep(): void {
    localStorage.setItem(this.key, JSON.stringify(this.now));
  }
}
