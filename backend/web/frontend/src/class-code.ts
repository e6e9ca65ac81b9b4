/** The instructor's screen: a code that is new each half minute, for coming or for leaving. */

import { Problem, get } from "./api.ts";
import { at, mustBeSignedIn, say, show, start, words } from "./dom.ts";
import { header } from "./session.ts";
import { when } from "./when.ts";
import { t } from "./words.ts";

interface CodeShown {
  svg: string;
  refreshIn: number;
  checkedIn: number;
  enrolled: number;
}

interface ClassView {
  title: string;
  place: string;
  beginsAt: string;
  endsAt: string;
}

const AGAIN = 3_000; // milliseconds until the next try, when the line is lost
const STEP = 30_000;
const session = at("class").dataset["session"] ?? "";
const buttons = [...document.querySelectorAll<HTMLButtonElement>("[data-purpose]")];
let purpose = "in";
let timer = 0;
let until = 0;

function draw(shown: CodeShown): void {
  at<HTMLImageElement>("qr").src = `data:image/svg+xml,${encodeURIComponent(shown.svg)}`;
  at("count").textContent = t("classes.there", { n: shown.checkedIn, of: shown.enrolled });
  until = Date.now() + shown.refreshIn;
}

/** An old code is worse than none: it is taken away when the next one cannot be had. */
async function next(): Promise<void> {
  clearTimeout(timer);
  let wait = AGAIN;
  try {
    const shown = await get<CodeShown>(`/v1/class-sessions/${session}/code?purpose=${purpose}`);
    draw(shown);
    say(at("status"), "");
    wait = shown.refreshIn;
  } catch (error) {
    say(at("status"), words(error), "bad");
    if (Date.now() > until) at<HTMLImageElement>("qr").removeAttribute("src");
    if (error instanceof Problem && error.status === 404) return;
  }
  timer = window.setTimeout(() => void next(), wait);
}

function choose(chosen: HTMLButtonElement): void {
  purpose = chosen.dataset["purpose"] ?? "in";
  for (const button of buttons) {
    button.classList.toggle("plain", button !== chosen);
    button.setAttribute("aria-pressed", String(button === chosen));
  }
  at<HTMLImageElement>("qr").removeAttribute("src");
  void next();
}

start(async () => {
  await mustBeSignedIn();
  const [, one] = await Promise.all([header(), get<ClassView>(`/v1/class-sessions/${session}`)]);
  at("title").textContent = one.title;
  at("where").textContent = `${one.place} · ${when(one.beginsAt, one.endsAt)}`;
  for (const button of buttons) button.addEventListener("click", () => choose(button));
  show(at("loading"), false);
  show(at("content"));
  const [first] = buttons;
  if (first) choose(first);
  setInterval(() => {
    at<HTMLProgressElement>("left").value = Math.max(0, Math.min(STEP, until - Date.now())) / 1000;
  }, 500);
});
