/** Files of printed records: asked for in an assignment's card, fetched here for a day. */

import { get, post } from "./api.ts";
import { at, during, el, show } from "./dom.ts";
import { instant } from "./format.ts";
import { save } from "./save.ts";
import type { Prints } from "./types.ts";
import { language, t } from "./words.ts";

const LOOK_AGAIN = 2000; // milliseconds, while one is being printed
const MEGABYTE = 1e6;
let shown = "";
let next = 0;
let titles = new Map<string, string>();

/** Begins to print the records of all who are done with the assignment. */
export async function print(organisation: string, assignment: string): Promise<void> {
  await post(`/v1/organisations/${organisation}/prints`, { assignmentId: assignment, language });
  await draw(organisation);
  at("prints-title").focus();
}

/** `named`: titles of assignments by id. */
export async function prints(organisation: string, named: Map<string, string>): Promise<void> {
  [shown, titles] = [organisation, named];
  await draw(organisation);
}

async function draw(organisation: string): Promise<void> {
  const { items } = await get<{ items: Prints[] }>(`/v1/organisations/${organisation}/prints`);
  if (organisation !== shown) return;
  at("prints").replaceChildren(...items.map((one) => line(organisation, one)));
  show(at("prints-part"), items.length > 0);
  clearTimeout(next);
  if (items.some(underWay)) next = window.setTimeout(() => void draw(organisation).catch(() => undefined), LOOK_AGAIN);
}

const underWay = ({ state }: Prints): boolean => state === "waiting" || state === "printing";

function line(organisation: string, one: Prints): HTMLElement {
  const title = titles.get(one.assignmentId) ?? "";
  const note = el("p", { role: "status", hidden: "" });
  if (one.state !== "ready" || !one.printed)
    return el("li", {}, el("span", {}, title), el("span", { class: "quiet" }, instead(one)));
  const button = el("button", { type: "button", class: "plain" }, t("prints.fetch", { n: one.printed, size: size(one.size ?? 0) }));
  const path = `/v1/organisations/${organisation}/prints/${one.id}/file`;
  button.onclick = () => void during(button, note, () => save(path, `${title}.zip`));
  const missing = one.people - one.printed;
  const facts = [missing ? t("prints.missing", { n: missing }) : "", t("prints.until", { moment: instant(one.expiresAt ?? "") })];
  return el("li", {}, el("span", {}, title), button, el("span", { class: "quiet" }, facts.filter(Boolean).join(" ")), note);
}

function instead(one: Prints): string {
  if (one.state === "failed") return t("prints.failed");
  if (one.state === "ready") return t("prints.none");
  return one.people ? t("prints.printing", { n: one.printed, of: one.people }) : t("prints.waiting");
}

const size = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(bytes < MEGABYTE ? 2 : 1)} MB`;
