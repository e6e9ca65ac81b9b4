/**
 * A presence check without a network: one answer, written down; whether it was right is known when
 * it is handed in. The same dialog as online.
 */

import { at, el, say, show } from "./dom.ts";
import type { TakenCheck } from "./types.ts";
import { bilingual, t } from "./words.ts";

const SPOKEN = new Set([30, 10]); // seconds left at which a screen reader says so
const NO_ANSWER = "-"; // no option's id: the minute has passed

export interface Given {
  option: string;
  shownMs: number;
  answeredMs: number;
}

export async function askOffline(check: TakenCheck, seconds: number, video: HTMLVideoElement): Promise<Given> {
  const over = new AbortController();
  const { signal } = over;
  const dialog = at<HTMLDialogElement>("presence");
  const words = at("presence-words").textContent ?? "";
  video.pause();
  video.addEventListener("play", () => video.pause(), { signal });
  dialog.addEventListener("cancel", (event) => event.preventDefault(), { signal }); // Escape is no answer
  draw(check);
  dialog.showModal();
  at("presence-question").querySelector("input")?.focus();
  const shownMs = performance.now();
  const option = await Promise.race([chosen(signal), minute(shownMs, seconds, signal)]);
  const given = { option, shownMs: Math.round(shownMs), answeredMs: Math.round(performance.now()) };
  over.abort();
  dialog.close();
  at("presence-words").textContent = words;
  show(at("presence-question"), false);
  return given;
}

function draw(check: TakenCheck): void {
  at("presence-words").textContent = t("along.presence-words");
  at("presence-stem").textContent = bilingual(check);
  at("presence-options").replaceChildren(
    ...check.options.map((one) =>
      el("label", { class: "option" }, el("input", { type: "radio", name: "presence", value: one.id }), el("span", {}, one.text)),
    ),
  );
  for (const part of ["presence-words", "presence-question", "presence-send"]) show(at(part));
  show(at("presence-go-on"), false);
  say(at("presence-note"), "");
  at<HTMLButtonElement>("presence-send").disabled = false;
  at("presence-send").textContent = t("presence.send");
}

const chosen = (signal: AbortSignal): Promise<string> =>
  new Promise((done) => {
    const form = at<HTMLFormElement>("presence-form");
    const answer = (event: Event): void => {
      event.preventDefault();
      const option = new FormData(form).get("presence");
      if (option === null) say(at("presence-note"), t("presence.choose"), "bad");
      else done(String(option));
    };
    form.addEventListener("submit", answer, { signal });
  });

const minute = (shown: number, seconds: number, signal: AbortSignal): Promise<string> =>
  new Promise((done) => {
    const place = at("presence-left");
    show(place);
    const tick = (): void => {
      const left = Math.max(0, Math.ceil(seconds - (performance.now() - shown) / 1000));
      place.setAttribute("aria-live", SPOKEN.has(left) ? "polite" : "off");
      place.textContent = t("presence.left", { n: left });
      if (!left) done(NO_ANSWER);
    };
    tick();
    const ticking = setInterval(tick, 1000);
    signal.addEventListener("abort", () => clearInterval(ticking));
  });
