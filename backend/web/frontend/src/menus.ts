/** Speed, captions and quality as plain menus, which thumbs, keys and screen readers all know. */

import { at, el, show } from "./dom.ts";
import { AUTO, type Choice, speeds } from "./engine.ts";
import type { Player } from "./player.ts";
import { t } from "./words.ts";

const KEPT = "guanbiao.player"; // what the learner chose, for the next lesson on this device

interface Chosen {
  speed: string;
  captions: string;
  quality: string;
}

function chosen(): Chosen {
  const usual = { speed: "1", captions: "", quality: AUTO };
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Chosen>) };
  } catch {
    return usual;
  }
}

function fill(select: HTMLSelectElement, choices: Choice[], value: string): void {
  const there = choices.some((choice) => choice.value === value);
  select.replaceChildren(...choices.map((choice) => el("option", { value: choice.value }, choice.label)));
  select.value = there ? value : (choices[0]?.value ?? "");
}

export class Menus {
  private readonly speed = at<HTMLSelectElement>("speed");
  private readonly captions = at<HTMLSelectElement>("captions");
  private readonly quality = at<HTMLSelectElement>("quality");
  private readonly player: Player;
  private readonly kept = chosen();

  constructor(player: Player) {
    this.player = player;
    this.on(this.speed, "speed", (value) => player.setSpeed(Number(value)));
    this.on(this.captions, "captions", (value) => player.engine.setCaptions(value));
    this.on(this.quality, "quality", (value) => player.engine.setQuality(value));
    player.engine.setCaptions(this.kept.captions);
    player.engine.setQuality(this.kept.quality);
    player.setSpeed(Math.min(Number(this.kept.speed) || 1, player.maxRate));
    this.draw();
  }

  private on(select: HTMLSelectElement, name: keyof Chosen, choose: (value: string) => void): void {
    select.addEventListener("change", () => {
      this.kept[name] = select.value;
      localStorage.setItem(KEPT, JSON.stringify(this.kept));
      choose(select.value);
    });
  }

  /** Again whenever the player learned what there is to choose. */
  draw(): void {
    const { engine, maxRate } = this.player;
    const allowed = speeds().filter((choice) => Number(choice.value) <= maxRate);
    fill(this.speed, allowed, String(this.player.speed));
    const captions = engine.captions();
    fill(this.captions, [{ value: "", label: t("player.captions-off") }, ...captions], this.kept.captions);
    show(this.captions.parentElement!, captions.length > 0);
    const qualities = engine.qualities();
    fill(this.quality, qualities, this.kept.quality);
    show(this.quality.parentElement!, qualities.length > 1);
  }
}
