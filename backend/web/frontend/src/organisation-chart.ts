/**
 * Two small charts as SVG, built here: twelve bars and a divided line need no chart library, and
 * what has no library needs no second policy for its styles. Each figure is in the text as well.
 */

import { el } from "./dom.ts";
import { hours } from "./format.ts";
import type { Counts, MonthHours } from "./types.ts";
import { t } from "./words.ts";

const SVG = "http://www.w3.org/2000/svg";
const CLASS_HOUR = 2700;
const [WIDTH, HEIGHT, BASE, TOP] = [360, 170, 140, 24];

function shape(tag: string, attributes: Record<string, string | number>, text = ""): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (text) made.textContent = text;
  return made;
}

const figure = (seconds: number): string => String(Math.round((seconds / CLASS_HOUR) * 10) / 10);

/** A bar a month, its class hours above it, and the same as a table. */
export function hoursChart(months: MonthHours[]): HTMLElement {
  if (!months.some((month) => month.seconds)) return el("p", { class: "quiet" }, t("organisation.no-hours"));
  const most = Math.max(1, ...months.map((month) => month.seconds));
  const step = WIDTH / months.length;
  const label = t("organisation.hours-label", { n: figure(months.reduce((sum, one) => sum + one.seconds, 0)) });
  const chart = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart", role: "img", "aria-label": label });
  chart.append(shape("line", { x1: 0, x2: WIDTH, y1: BASE + 0.5, y2: BASE + 0.5, class: "axis" }));
  months.forEach((month, n) => {
    const middle = (n + 0.5) * step;
    const high = Math.round((month.seconds / most) * (BASE - TOP));
    chart.append(shape("rect", { x: middle - step * 0.33, width: step * 0.66, y: BASE - high, height: high, rx: 2 }));
    if (month.seconds) chart.append(shape("text", { x: middle, y: BASE - high - 5 }, figure(month.seconds)));
    chart.append(shape("text", { x: middle, y: BASE + 16, class: "month" }, t("organisation.month", { n: Number(month.month.slice(5)) })));
  });
  const table = el("table", {}, ...months.map((month) => el("tr", {}, el("th", { scope: "row" }, month.month), el("td", {}, hours(month.seconds)))));
  const box = el("div", {}, el("p", { class: "quiet" }, label));
  box.append(chart as unknown as Node, el("details", {}, el("summary", {}, t("organisation.as-table")), table));
  return box;
}

export const STATES = ["done", "underWay", "notStarted", "late"] as const;

/** One line divided by state, its figures below. */
export function stateBar(counts: Counts): HTMLElement {
  const people = STATES.reduce((sum, state) => sum + counts[state], 0);
  const bar = shape("svg", { viewBox: "0 0 100 4", class: "bar", preserveAspectRatio: "none", "aria-hidden": "true" });
  let from = 0;
  for (const state of STATES) {
    const width = people ? (counts[state] / people) * 100 : 0;
    bar.append(shape("rect", { x: from, y: 0, width, height: 4, "data-state": state }));
    from += width;
  }
  const said = STATES.map((state) => t("organisation.count", { state: t(`organisation.state.${state}`), n: counts[state] }));
  const box = el("div", {});
  box.append(bar as unknown as Node, el("p", { class: "quiet" }, said.join(" · ")));
  return box;
}
