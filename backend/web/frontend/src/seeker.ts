/**
 * A seek bar with a picture of where it leads: by thumb, by mouse, by the arrow keys. It stops at
 * the furthest second that was watched, as the player does.
 */

import { at, show } from "./dom.ts";
import { clock } from "./format.ts";
import type { Player } from "./player.ts";
import { type Thumbnail, thumbnailAt, thumbnails } from "./storyboard.ts";

const STEP = 5; // seconds an arrow key goes
const KEYS: Record<string, number> = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP };

export class Seeker {
  private readonly bar = at<HTMLInputElement>("seek");
  private readonly preview = at("preview");
  private readonly picture = at("preview-picture");
  private readonly label = at("preview-at");
  private readonly player: Player;
  private pictures: Thumbnail[] = [];
  private held = false;

  constructor(player: Player, video: HTMLVideoElement, duration: number) {
    this.player = player;
    this.bar.max = String(duration);
    this.bar.addEventListener("input", () => this.scrub(Number(this.bar.value)));
    this.bar.addEventListener("change", () => this.go(Number(this.bar.value)));
    this.bar.addEventListener("keydown", (event) => this.key(event));
    this.bar.addEventListener("pointermove", (event) => this.hover(event));
    for (const name of ["pointerleave", "blur"]) this.bar.addEventListener(name, () => this.leave());
    video.addEventListener("timeupdate", () => this.follow(video.currentTime));
    this.follow(video.currentTime);
  }

  /** Pictures are a comfort: a lecture without them, or a line without room, only lacks them. */
  async loadPictures(address: string): Promise<void> {
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) this.pictures = thumbnails(await answer.text(), new URL(address, location.href).href);
    if (this.held) this.draw(Number(this.bar.value)); // a thumb that was faster than the line
  }

  private follow(second: number): void {
    if (this.held) return;
    this.bar.value = String(Math.floor(second));
    this.say(second);
  }

  private say(second: number): void {
    this.bar.setAttribute("aria-valuetext", `${clock(second)} / ${clock(Number(this.bar.max))}`);
    this.bar.style.setProperty("--reach", `${(100 * this.player.reach) / Number(this.bar.max)}%`);
  }

  private scrub(second: number): void {
    this.held = true;
    const allowed = this.player.allowed(second);
    this.bar.value = String(Math.floor(allowed));
    this.say(allowed);
    this.draw(allowed);
  }

  private go(second: number): void {
    this.held = false;
    this.player.seek(second);
    this.leave();
  }

  private key(event: KeyboardEvent): void {
    const by = KEYS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const second = Math.max(0, Math.min(Number(this.bar.value) + by, Number(this.bar.max)));
    this.scrub(second);
    this.held = false;
    this.player.seek(second);
  }

  private hover(event: PointerEvent): void {
    const { left, width } = this.bar.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - left) / width));
    if (!this.held) this.draw(this.player.allowed(share * Number(this.bar.max)));
  }

  private leave(): void {
    if (!this.held) show(this.preview, false);
  }

  private draw(second: number): void {
    const found = thumbnailAt(this.pictures, second);
    show(this.preview);
    show(this.picture, found !== null);
    this.label.textContent = clock(second);
    if (found) {
      this.picture.style.width = `${found.width}px`;
      this.picture.style.height = `${found.height}px`;
      this.picture.style.backgroundImage = `url("${found.picture}")`;
      this.picture.style.backgroundPosition = `-${found.x}px -${found.y}px`;
    }
    const half = this.preview.offsetWidth / 2;
    const at = (second / Number(this.bar.max)) * this.bar.offsetWidth;
    this.preview.style.left = `${Math.max(0, Math.min(at - half, this.bar.offsetWidth - 2 * half))}px`;
  }
}
