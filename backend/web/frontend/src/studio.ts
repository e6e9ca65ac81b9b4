/** Authors: send a lecture, see what becomes of it, use it, mend it, remove it. */

import { get } from "./api.ts";
import { at, during, mustBeSignedIn, say, show, start } from "./dom.ts";
import { amount, wait } from "./format.ts";
import { LectureCard } from "./lecture-card.ts";
import { header } from "./session.ts";
import { programmesThatOpen } from "./studio-hours.ts";
import { reason, transfer, type Sent } from "./transfer.ts";
import type { Lecture, LectureList } from "./types.ts";
import { t } from "./words.ts";

/** Those shown, by id: a list fetched again takes nothing out of the author's hands. */
const cards = new Map<string, LectureCard>();
let older: string | null = null;

const none = (): void => show(at("no-lectures"), !cards.size);

function card(lecture: Lecture): LectureCard {
  const made = new LectureCard(lecture, () => {
    cards.delete(lecture.id);
    none();
  });
  cards.set(lecture.id, made);
  return made;
}

/** The newest, above those that are shown already. */
async function list(): Promise<void> {
  const { items, nextCursor } = await get<LectureList>("/v1/lectures");
  if (!cards.size) older = nextCursor;
  const unseen = items.filter((lecture) => !cards.has(lecture.id));
  for (const lecture of items) cards.get(lecture.id)?.show(lecture);
  at("lectures").prepend(...unseen.map((lecture) => card(lecture).row));
  show(at("older"), older !== null);
  none();
}

async function more(): Promise<void> {
  const { items, nextCursor } = await get<LectureList>(`/v1/lectures?cursor=${older}`);
  const made = items.filter((lecture) => !cards.has(lecture.id)).map((lecture) => card(lecture).row);
  older = nextCursor;
  at("lectures").append(...made);
  show(at("older"), older !== null);
  made[0]?.querySelector("button")?.focus();
}

function showSent({ share, speed, left }: Sent): void {
  const percent = Math.floor(share * 100);
  at<HTMLProgressElement>("sent").value = share;
  at("sent-words").textContent =
    speed === null || left === null
      ? `${percent} %`
      : t("studio.sent-words", { percent, speed: amount(speed), left: wait(left) });
}

async function send(file: File): Promise<void> {
  const ticked = (id: string): boolean => at<HTMLInputElement>(id).checked;
  const wishes = { title: at<HTMLInputElement>("title").value, av1: ticked("av1"), encrypt: ticked("encrypt") };
  const lineAway = (): void => void (at("sent-words").textContent = t("studio.line-away"));
  showSent({ share: 0, speed: null, left: null });
  show(at("transfer"));
  try {
    await transfer(file, wishes, { sent: showSent, lineAway });
    at<HTMLFormElement>("upload").reset();
    await list();
    say(at("status"), t("studio.sent"), "good");
  } catch (error) {
    say(at("status"), reason(error), "bad");
  } finally {
    show(at("transfer"), false);
  }
}

function choose(): void {
  const input = at<HTMLInputElement>("file");
  const title = at<HTMLInputElement>("title");
  const name = (): void => {
    title.value ||= (input.files?.[0]?.name ?? "").replace(/\.\w+$/, "");
  };
  input.addEventListener("change", name);
  name(); // chosen before this script was there
  at("upload").addEventListener("submit", (event) => {
    event.preventDefault();
    const file = input.files?.[0];
    if (file) void during(at<HTMLButtonElement>("send"), at("status"), () => send(file));
  });
}

start(async () => {
  await mustBeSignedIn();
  const person = await header();
  show(at("loading"), false);
  if (!person?.roles.includes("author")) return say(at("status"), t("studio.not-author"), "bad");
  choose();
  programmesThatOpen();
  const button = at<HTMLButtonElement>("older");
  button.addEventListener("click", () => void during(button, at("status"), more));
  await list();
  show(at("content"));
});
