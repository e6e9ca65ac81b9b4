/** Authors: send a lecture, see what becomes of it, use it. */

import * as tus from "tus-js-client";
import { bearer, call, get } from "./api.ts";
import { at, during, el, mustBeSignedIn, say, show, start, words } from "./dom.ts";
import { clock } from "./format.ts";
import { header } from "./session.ts";
import type { Lecture } from "./types.ts";
import { bilingual, t } from "./words.ts";

const CHUNK = 4 * 1024 * 1024; // bytes: what a broken line costs at most
const POLL = 1000; // milliseconds
const lesson = at("studio").dataset["lesson"] ?? "";

const ended = (lecture: Lecture): boolean => lecture.state === "playable" || lecture.state === "failed";

function stateWords(lecture: Lecture): string {
  const state = t(`lecture.state.${lecture.state}`);
  if (lecture.state === "processing") return `${state} ${Math.round(lecture.percent)} %`;
  return lecture.durationSeconds ? `${state} · ${clock(lecture.durationSeconds)}` : state;
}

function useButton(lecture: Lecture, note: HTMLElement): HTMLElement {
  const button = el("button", { type: "button", class: "plain" }, t("studio.use", { lesson }));
  button.addEventListener("click", () => {
    void during(button, note, async () => {
      const body = { lectureId: lecture.id, demonstration: true };
      await call("PUT", `/v1/lessons/${lesson}/lecture`, body);
      say(note, t("studio.used", { lesson }), "good");
    });
  });
  return button;
}

function fill(row: HTMLElement, lecture: Lecture): void {
  const note = el("p", { role: "status", hidden: "" });
  const failure = lecture.failure && el("p", { "data-tone": "bad" }, bilingual(lecture.failure.message));
  const bar = el("progress", { max: "100", value: String(lecture.percent), "aria-label": t("studio.progress") });
  row.dataset["state"] = lecture.state;
  row.replaceChildren(
    el("h3", {}, lecture.title),
    el("p", { class: "quiet" }, stateWords(lecture)),
    ...(ended(lecture) ? [] : [bar]),
    ...(failure ? [failure] : []),
    ...(lecture.state === "playable" && lesson ? [useButton(lecture, note), note] : []),
  );
}

async function follow(row: HTMLElement, id: string): Promise<void> {
  const lecture = await get<Lecture>(`/v1/lectures/${id}`).catch(() => null);
  if (lecture) fill(row, lecture);
  if (!lecture || !ended(lecture)) setTimeout(() => void follow(row, id), POLL);
}

async function list(): Promise<void> {
  const { items } = await get<{ items: Lecture[] }>("/v1/lectures");
  at("lectures").replaceChildren(
    ...items.map((lecture) => {
      const row = el("li", { class: "card" });
      fill(row, lecture);
      if (lecture.state !== "uploading" && !ended(lecture)) void follow(row, lecture.id);
      return row;
    }),
  );
  show(at("no-lectures"), !items.length);
}

function transfer(file: File, title: string): Promise<void> {
  const bar = at<HTMLProgressElement>("sent");
  return new Promise((done, failed) => {
    const upload = new tus.Upload(file, {
      endpoint: "/v1/uploads",
      chunkSize: CHUNK,
      metadata: { filename: file.name, title },
      removeFingerprintOnSuccess: true,
      onBeforeRequest: async (request) => request.setHeader("Authorization", await bearer()),
      onProgress: (sent, all) => {
        bar.value = all ? sent / all : 0;
        at("sent-words").textContent = `${Math.floor(bar.value * 100)} %`;
      },
      onSuccess: () => done(),
      onError: failed,
    });
    void upload.findPreviousUploads().then(([previous]) => {
      if (previous) upload.resumeFromPreviousUpload(previous); // a reload or a lost line
      upload.start();
    });
  });
}

/** What the server said, or that the line is away: choosing the file again goes on where it stopped. */
function reason(error: unknown): string {
  if (!(error instanceof tus.DetailedError)) return words(error);
  try {
    return (JSON.parse(error.originalResponse?.getBody() ?? "") as { detail: string }).detail;
  } catch {
    return t("studio.interrupted");
  }
}

function choose(): void {
  const form = at<HTMLFormElement>("upload");
  const input = at<HTMLInputElement>("file");
  const title = at<HTMLInputElement>("title");
  input.addEventListener("change", () => {
    title.value ||= (input.files?.[0]?.name ?? "").replace(/\.\w+$/, "");
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = input.files?.[0];
    if (!file) return;
    show(at("transfer"));
    void during(at<HTMLButtonElement>("send"), at("status"), () =>
      transfer(file, title.value).then(
        async () => {
          say(at("status"), t("studio.sent"), "good");
          form.reset();
          await list();
        },
        (error: unknown) => say(at("status"), reason(error), "bad"),
      ).finally(() => show(at("transfer"), false)),
    );
  });
}

start(async () => {
  await mustBeSignedIn();
  const person = await header();
  show(at("loading"), false);
  if (!person?.roles.includes("author")) return say(at("status"), t("studio.not-author"), "bad");
  choose();
  await list();
  show(at("content"));
});
