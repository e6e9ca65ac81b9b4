/** Captions of one playable lecture: which there are, and a new file for a language. */

import { call, get } from "./api.ts";
import { during, el, say } from "./dom.ts";
import type { Captions } from "./types.ts";
import { t } from "./words.ts";

const LANGUAGES = [
  ["zh-Hans", "简体中文"],
  ["zh-Hant", "繁體中文"],
  ["en", "English"],
];

export function captionsForm(lectureId: string): HTMLElement {
  const path = `/v1/lectures/${lectureId}/captions`;
  const tracks = el("ul", { class: "quiet" });
  const note = el("p", { role: "status", hidden: "" });
  const language = el("select", {}, ...LANGUAGES.map(([code, name]) => el("option", { value: code ?? "" }, name ?? "")));
  const file = el("input", { type: "file", accept: ".srt,.vtt,.ass,.ssa,text/vtt", required: "" });
  const send = el("button", { class: "plain" }, t("studio.captions-send"));
  const form = el(
    "form",
    { class: "captions" },
    el("label", {}, t("studio.captions-language"), language),
    el("label", {}, t("studio.captions-file"), file),
    send,
    note,
  );
  const list = async (): Promise<void> => {
    const { items } = await get<{ items: Captions[] }>(path);
    tracks.replaceChildren(
      ...items.map((track) => el("li", {}, t("studio.captions-one", { label: track.label, count: track.cues }))),
    );
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = file.files?.[0];
    if (!chosen) return;
    void during(send, note, async () => {
      const taken = await call<Captions>("PUT", `${path}/${language.value}`, chosen);
      say(note, t("studio.captions-taken", { count: taken.cues }), "good");
      form.reset();
      await list();
    });
  });
  const whole = el("details", {}, el("summary", {}, t("studio.captions")), tracks, form);
  whole.addEventListener("toggle", () => {
    if (whole.open) void during(send, note, list);
  });
  return whole;
}
