/** The desk of who runs a class: its seats, its list, calling it off. */

import { get, post } from "./api.ts";
import { at, el, mustBeSignedIn, say, show, start } from "./dom.ts";
import { hours } from "./format.ts";
import { type Held, type SeatView, seatCard } from "./class-seats.ts";
import { after, renew } from "./redraw.ts";
import { header } from "./session.ts";
import { Sheet, reason } from "./sheet.ts";
import { when } from "./when.ts";
import { t } from "./words.ts";

interface ClassView extends Held {
  title: string;
  place: string;
  organiser: string;
  capacity: number;
  enrolled: number;
  waiting: number;
  plannedSeconds: number;
}

const session = at("class").dataset["session"] ?? "";
const path = `/v1/class-sessions/${session}`;

/** All of them: a list is confirmed whole, so nobody may stand on a page not opened. */
async function seats(): Promise<SeatView[]> {
  const found: SeatView[] = [];
  let cursor = "";
  do {
    const page = await get<{ items: SeatView[]; nextCursor: string | null }>(`${path}/seats?limit=100${cursor}`);
    found.push(...page.items);
    cursor = page.nextCursor ? `&cursor=${page.nextCursor}` : "";
  } while (cursor);
  return found;
}

function facts(one: ClassView): void {
  at("title").textContent = one.title;
  at("where").textContent = `${one.place} · ${when(one.beginsAt, one.endsAt)}`;
  const taken = t("classes.taken", { n: one.enrolled, of: one.capacity });
  const waiting = one.waiting ? t("class-desk.waiting", { n: one.waiting }) : "";
  at("facts").textContent = [one.organiser, hours(one.plannedSeconds), taken, waiting].filter(Boolean).join(" · ");
  at("state").textContent = t(`class-desk.state.${one.state}`);
  for (const id of ["code-part", "confirm-part", "cancel-part"]) show(at(id), one.state === "planned");
}

async function draw(): Promise<void> {
  const [one, list] = await Promise.all([get<ClassView>(path), seats()]);
  facts(one);
  const again = (form: HTMLElement): Promise<void> =>
    after(form, async () => {
      await draw();
      say(at("done"), t("class-desk.entered"), "good");
    }, at("done"));
  renew(at("seats"), list.map((seat) => seatCard(seat, one, again)));
  show(at("nobody"), !list.length);
}

function confirmation(): void {
  const sheet = new Sheet();
  sheet.submit(t("class-desk.confirm-go"), async () => {
    const absent = [...document.querySelectorAll<HTMLInputElement>(".absent:checked")].map((box) => box.value);
    if (!confirm(t("class-desk.confirm-sure", { n: absent.length }))) return "";
    const total = await post<{ attended: number; absent: number; seconds: number }>(`${path}/confirmation`, { absent });
    await draw();
    say(at("done"), t("class-desk.confirmed", { attended: total.attended, absent: total.absent, hours: hours(total.seconds) }), "good");
    at("done").focus();
    return "";
  });
  at("confirm").replaceChildren(sheet.form);
}

function cancellation(): void {
  const sheet = new Sheet();
  const why = reason(sheet);
  sheet.submit(t("class-desk.cancel-go"), async () => {
    if (!confirm(t("class-desk.cancel-sure"))) return "";
    await post(`${path}/cancellation`, { reason: why.value.trim() });
    await draw();
    return "";
  });
  at("cancel").replaceChildren(el("p", { class: "quiet" }, t("class-desk.cancel-words")), sheet.form);
}

start(async () => {
  await mustBeSignedIn();
  await Promise.all([header(), draw()]);
  confirmation();
  cancellation();
  at("again").onclick = () => void draw().catch(() => undefined);
  show(at("loading"), false);
  show(at("content"));
});
