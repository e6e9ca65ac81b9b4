/** Where a scanned code leads: it checks its reader in or out at once. */

import { Problem, post } from "./api.ts";
import { at, mustBeSignedIn, say, show, start } from "./dom.ts";
import { header } from "./session.ts";
import { clockTime } from "./when.ts";
import { bilingual, t } from "./words.ts";

interface CheckedIn {
  purpose: "in" | "out";
  title: string;
  place: string;
  at: string;
  notice: { zh: string; en: string } | null;
}

const DEVICE = "guanbiao.device";

/** Made up once for this browser. `crypto.randomUUID` is missing on plain http. */
function device(): string {
  const known = localStorage.getItem(DEVICE);
  if (known) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const made = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  localStorage.setItem(DEVICE, made);
  return made;
}

start(async () => {
  await mustBeSignedIn();
  const code = at("code").dataset["code"] ?? "";
  try {
    const [, done] = await Promise.all([
      header(),
      post<CheckedIn>("/v1/class-check-ins", { code, device: device() }),
    ]);
    at("done").textContent = t(done.purpose === "in" ? "classes.checked-in" : "classes.checked-out");
    at("title").textContent = done.title;
    at("where").textContent = done.place;
    at("at").textContent = t("classes.at", { time: clockTime(done.at) });
    say(at("notice"), done.notice ? bilingual(done.notice) : "");
    show(at("content"));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    say(at("status"), error.message, "bad");
    show(at("again"), error.code.startsWith("code-"));
  }
  show(at("loading"), false);
});
