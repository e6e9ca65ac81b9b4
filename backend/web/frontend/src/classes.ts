/** Classes to come, my seats, and those I teach. */

import { call, get } from "./api.ts";
import { at, during, el, mustBeSignedIn, show, start } from "./dom.ts";
import { hours } from "./format.ts";
import { Paged } from "./paged.ts";
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

const toCome = new Paged<ClassView>("/v1/class-sessions", "to-come", offer);
const mine = new Paged<MySeat>("/v1/me/class-seats", "mine", seatRow);
const taught = new Paged<ClassView>("/v1/me/taught-classes", "taught", taughtCard);

async function draw(): Promise<void> {
  const [offered, seats, lessons, organisations] = await Promise.all([
    toCome.draw(),
    mine.draw(),
    taught.draw(),
    get<{ items: MyOrganisation[] }>("/v1/me/organisations"),
  ]);
  show(at("none"), !offered);
  show(at("mine-part"), seats > 0);
  const manages = organisations.items.some((one) => one.position === "manager");
  show(at("plan"), manages);
  show(at("taught-part"), manages || lessons > 0);
}

start(async () => {
  await mustBeSignedIn();
  await Promise.all([header(), draw()]);
  show(at("loading"), false);
  show(at("content"));
});
