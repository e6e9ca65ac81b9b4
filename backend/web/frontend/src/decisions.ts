/** The desk of those who decide about records: what waits, one record, what is suspended, what was decided. */

import { Problem, get } from "./api.ts";
import { drawCase } from "./decision-case.ts";
import { decisionRow, proposalRow, suspendedRow } from "./decision-rows.ts";
import type { Decision, Proposal, RecordCase } from "./decision-types.ts";
import { at, mustBeSignedIn, say, show, start } from "./dom.ts";
import { Paged } from "./paged.ts";
import { after } from "./redraw.ts";
import { decides, header } from "./session.ts";
import { Sheet } from "./sheet.ts";
import { t } from "./words.ts";

const lists = {
  waiting: new Paged<Proposal>("/v1/revocations", "waiting", (one) => proposalRow(one, go)),
  suspended: new Paged<Decision>("/v1/suspended-records", "suspended", (one) => suspendedRow(one, go)),
  lately: new Paged<Decision>("/v1/record-decisions", "lately", (one) => decisionRow(one, go)),
};
let shown = ""; // number of the record that is open

async function redraw(): Promise<void> {
  const names = Object.keys(lists) as (keyof typeof lists)[];
  await Promise.all(names.map(async (name) => show(at(`${name}-none`), (await lists[name].draw()) === 0)));
}

/** `typed`: number or code. */
async function open(typed: string): Promise<void> {
  const wanted = typed.replace(/\s+/g, "").toUpperCase();
  const found = await get<RecordCase>(`/v1/record-cases/${encodeURIComponent(wanted)}`);
  shown = field.value = found.number;
  history.replaceState(null, "", `?record=${found.number}`);
  drawCase(at("case"), found, { done, open: go });
  show(at("case"));
}

function done(form: HTMLElement, text: string, tone: "good" | "bad"): Promise<void> {
  return after(form, async () => {
    await Promise.all([open(shown), redraw()]);
    say(at("done"), text, tone);
  }, at("done"));
}

const field = finding();

/** From a list: as if its number had been typed. */
function go(number: string): void {
  field.value = number;
  field.form?.requestSubmit();
}

function finding(): HTMLInputElement {
  const sheet = new Sheet(at<HTMLFormElement>("find"));
  const code = sheet.field("code", t("decisions.code"), { maxlength: "64", autocapitalize: "characters", spellcheck: "false" }, t("decisions.code-words"));
  sheet.submit(t("decisions.find-go"), async () => {
    say(at("done"), "");
    show(at("case"), false);
    if (!code.value.trim()) throw new Problem(422, "missing", t("decisions.code-missing"), { code: t("decisions.code-missing") });
    await open(code.value);
    at("case-title").focus();
    return "";
  });
  return code;
}

start(async () => {
  await mustBeSignedIn();
  const person = await header();
  show(at("loading"), false);
  if (!person || !decides(person)) return say(at("status"), t("decisions.nobody"), "bad");
  show(at("unproven"), !person.identity.verified);
  await redraw();
  show(at("content"));
  const asked = new URLSearchParams(location.search).get("record");
  if (asked) go(asked);
});
