/** One seat in the list of who runs a class: marks, entries by hand, corrections. */

import { call, post } from "./api.ts";
import { during, el } from "./dom.ts";
import { hours } from "./format.ts";
import { Sheet, folded, inChina, reason } from "./sheet.ts";
import { clockTime } from "./when.ts";
import { type Word, t } from "./words.ts";

export interface SeatView {
  id: string;
  name: string;
  state: "enrolled" | "waiting" | "withdrawn";
  marks: string[];
  firstIn: string | null;
  lastOut: string | null;
  outcome: "attended" | "absent" | null;
  seconds: number;
}

export interface Held {
  id: string;
  state: "planned" | "cancelled" | "confirmed";
  beginsAt: string;
  endsAt: string;
}

/** After this form was sent: the list anew. */
type Done = (form: HTMLElement) => Promise<void>;

const DAY = 86_400_000;
const BAD = new Set(["absent", "no-check-out", "late", "left-early"]);
const dayOf = (moment: number): string => new Date(moment).toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });

/** Calendar days in China. */
function days(held: Held): string[] {
  const last = dayOf(Date.parse(held.endsAt));
  const found = [];
  for (let at = Date.parse(held.beginsAt); dayOf(at) <= last; at += DAY) found.push(dayOf(at));
  return found;
}

function handScan(path: string, done: Done): HTMLElement {
  const sheet = new Sheet();
  const purpose = sheet.select("purpose", t("classes.purpose"), [["in", t("classes.in")], ["out", t("classes.out")]]);
  const at = sheet.optional("at", t("class-desk.at"), { type: "datetime-local" }, t("class-desk.at-words"));
  const why = reason(sheet);
  sheet.submit(t("class-desk.enter"), async () => {
    await post(`${path}/scans`, { purpose: purpose.value, reason: why.value.trim(), ...(at.value ? { at: inChina(at.value) } : {}) });
    await done(sheet.form);
    return "";
  });
  return folded(t("class-desk.by-hand"), sheet);
}

function correction(path: string, held: Held, done: Done): HTMLElement {
  const sheet = new Sheet();
  const day = sheet.select("day", t("class-desk.day"), days(held).map((one) => [one, one] as const));
  const sign = sheet.select("sign", t("class-desk.sign"), [["1", t("class-desk.more-time")], ["-1", t("class-desk.less-time")]]);
  const minutes = sheet.field("seconds", t("class-desk.minutes"), { type: "number", min: "1", max: "1440", inputmode: "numeric" });
  const why = reason(sheet);
  sheet.submit(t("class-desk.correct-go"), async () => {
    const seconds = Number(sign.value) * Number(minutes.value) * 60;
    await post(`${path}/corrections`, { day: day.value, seconds, reason: why.value.trim() });
    await done(sheet.form);
    return "";
  });
  return folded(t("class-desk.correct"), sheet, el("p", { class: "quiet" }, t("class-desk.correct-words")));
}

function release(path: string): HTMLElement {
  const note = el("p", { role: "status", hidden: "" });
  const button = el("button", { type: "button", class: "link" }, t("class-desk.release"));
  button.onclick = () =>
    void during(button, note, async () => {
      await call("DELETE", `${path}/device`);
      button.replaceWith(el("p", { role: "status" }, t("class-desk.released")));
    });
  return el("div", {}, button, note);
}

function mark(name: string): HTMLElement {
  return el("span", { class: "state", "data-state": BAD.has(name) ? "late" : "done" }, t(`class-desk.mark.${name}` as Word));
}

export function seatCard(seat: SeatView, held: Held, done: Done): HTMLLIElement {
  const path = `/v1/class-sessions/${held.id}/seats/${seat.id}`;
  const states = seat.outcome ? [mark(seat.outcome)] : seat.state === "enrolled" ? seat.marks.map(mark) : [el("span", { class: "state" }, t("classes.seat.waiting"))];
  const from = seat.firstIn ? t("class-desk.from", { time: clockTime(seat.firstIn) }) : "";
  const until = seat.lastOut ? t("class-desk.until", { time: clockTime(seat.lastOut) }) : "";
  const card = el("li", { class: "card", "data-seat": seat.id, "data-keep": seat.id }, el("p", {}, el("strong", {}, seat.name || "—"), " ", ...states));
  card.append(el("p", { class: "quiet" }, [from, until, seat.seconds ? hours(seat.seconds) : ""].filter(Boolean).join(" · ")));
  if (seat.state !== "enrolled") return card;
  if (held.state === "planned") {
    const absent = el("input", { type: "checkbox", class: "absent", value: seat.id });
    card.append(el("label", { class: "option", "data-keep": "absent" }, absent, t("class-desk.was-absent")), handScan(path, done), release(path));
  }
  if (held.state === "confirmed") card.append(correction(path, held, done));
  return card;
}
