/** Classes to come, my seats, and those I teach. */

import { call, get } from "./api.ts";
import { at, during, el, mustBeSignedIn, show, start } from "./dom.ts";
import { hours } from "./format.ts";
import { header } from "./session.ts";
import type { MyOrganisation } from "./types.ts";
import { when } from "./when.ts";
import { t } from "./words.ts";

interface ClassView {
  id: string;
  organiser: string;
  title: string;
  place: string;
  capacity: number;
  enrolled: number;
  waiting: number;
  beginsAt: string;
  endsAt: string;
  plannedSeconds: number;
  state: "planned" | "cancelled" | "confirmed";
  mySeat: "enrolled" | "waiting" | "withdrawn" | null;
}

interface MySeat {
  title: string;
  place: string;
  beginsAt: string;
  endsAt: string;
  state: "enrolled" | "waiting" | "withdrawn";
  outcome: "attended" | "absent" | null;
  seconds: number;
}

function facts(one: ClassView): HTMLElement[] {
  return [
    el("h3", {}, one.title),
    el("p", {}, one.place, el("br"), when(one.beginsAt, one.endsAt)),
    el(
      "p",
      { class: "quiet" },
      `${one.organiser} · ${hours(one.plannedSeconds)} · ${t("classes.taken", { n: one.enrolled, of: one.capacity })}`,
    ),
  ];
}

function offer(one: ClassView): HTMLElement {
  const note = el("p", { role: "status", hidden: "" });
  const taken = one.mySeat === "enrolled" || one.mySeat === "waiting";
  const button = el("button", { type: "button", class: taken ? "plain" : "" }, t(taken ? "classes.leave" : "classes.enrol"));
  button.addEventListener("click", () => {
    void during(button, note, async () => {
      await call(taken ? "DELETE" : "PUT", `/v1/class-sessions/${one.id}/seat`, taken ? undefined : {});
      await draw();
    });
  });
  const seat = taken ? el("p", {}, el("span", { class: "state" }, t(`classes.seat.${one.mySeat ?? "enrolled"}`))) : null;
  return el("article", { class: "card" }, ...facts(one), seat, button, note);
}

function taughtCard(one: ClassView): HTMLElement {
  const code = el("a", { class: "button", href: `/classes/${one.id}/code` }, t("classes.show-code"));
  const desk = el("a", { href: `/classes/${one.id}/desk` }, t("class-desk.title"));
  return el("article", { class: "card" }, ...facts(one), el("p", { class: "actions" }, one.state === "planned" ? code : null, desk));
}

function seatRow(seat: MySeat): HTMLElement {
  const said = seat.outcome === "attended" ? hours(seat.seconds) : t(`classes.seat.${seat.outcome ?? seat.state}`);
  return el(
    "li",
    {},
    el("strong", {}, seat.title),
    " ",
    el("span", { class: "state", "data-state": seat.outcome === "attended" ? "complete" : "" }, said),
    el("p", { class: "quiet" }, `${seat.place} · ${when(seat.beginsAt, seat.endsAt)}`),
  );
}

async function draw(): Promise<void> {
  const [toCome, mine, taught, organisations] = await Promise.all([
    get<{ items: ClassView[] }>("/v1/class-sessions"),
    get<{ items: MySeat[] }>("/v1/me/class-seats"),
    get<{ items: ClassView[] }>("/v1/me/taught-classes"),
    get<{ items: MyOrganisation[] }>("/v1/me/organisations"),
  ]);
  at("to-come").replaceChildren(...toCome.items.map(offer));
  show(at("none"), !toCome.items.length);
  at("mine").replaceChildren(...mine.items.map(seatRow));
  show(at("mine-part"), mine.items.length > 0);
  at("taught").replaceChildren(...taught.items.map(taughtCard));
  const manages = organisations.items.some((one) => one.position === "manager");
  show(at("plan"), manages);
  show(at("taught-part"), manages || taught.items.length > 0);
}

start(async () => {
  await mustBeSignedIn();
  await Promise.all([header(), draw()]);
  show(at("loading"), false);
  show(at("content"));
});
