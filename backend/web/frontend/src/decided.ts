/** On my record's page: what was decided about it, why, what that means for me, and how to appeal. */

import { getWith, post } from "./api.ts";
import { at, show } from "./dom.ts";
import { day } from "./format.ts";
import { Sheet } from "./sheet.ts";
import type { MyRecord } from "./types.ts";
import { type Word, t } from "./words.ts";

interface Progress {
  state: "received" | "investigating" | "proposed" | "decided";
  outcome: string | null;
  steps: { at: string; said: string | null }[];
}

const TOLD = ["suspended", "revoked", "superseded"] as const;

export function decided(record: MyRecord): void {
  const state = TOLD.find((one) => one === record.state);
  show(at("decided"), state !== undefined);
  if (!state) return;
  at("decided-title").textContent = t(`decided.${state}`, { day: record.decidedAt ? day(record.decidedAt) : "" });
  at("decided-reason").textContent = record.reason ?? "";
  const review = record.reviewBy ? ` ${t("decided.review", { day: day(`${record.reviewBy}T12:00:00+08:00`) })}` : "";
  at("decided-means").textContent = t(`decided.${state}-means`) + review;
  show(at("decided-newer"), record.supersededBy !== null);
  if (record.supersededBy) at("decided-newer").querySelector("a")!.href = `/records/${record.supersededBy}`;
  show(at("appeal"), state !== "superseded");
  if (state !== "superseded") appeal(record);
}

function appeal(record: MyRecord): void {
  show(at("appeal-to"), record.appealsTo !== null);
  at("appeal-to").textContent = record.appealsTo ? t("appeal.to", { place: record.appealsTo }) : "";
  const sheet = new Sheet();
  sheet.form.noValidate = true;
  const text = sheet.area("text", t("appeal.text"), { maxlength: "5000", rows: "5" }, t("appeal.text-words"));
  const contact = sheet.optional("contact", t("appeal.contact"), { maxlength: "200" });
  sheet.submit(t("appeal.send"), async () => {
    const body = { aboutKind: "record", about: record.number, text: text.value.trim(), contact: contact.value.trim() || null };
    const { trackingCode } = await post<{ trackingCode: string }>("/v1/complaints", body);
    show(at("appeal-form"), false);
    show(at("appeal-made"));
    const code = at<HTMLInputElement>("appeal-code");
    code.value = trackingCode;
    code.focus();
    code.select();
    return "";
  });
  at("appeal-form").replaceChildren(sheet.form);
  at("appeal-follow").replaceChildren(following());
}

/** By the code alone: nothing says whose appeal it is. */
function following(): HTMLElement {
  const sheet = new Sheet();
  const code = sheet.field("code", t("appeal.follow"), { maxlength: "64", autocapitalize: "characters", spellcheck: "false" });
  sheet.submit(t("appeal.follow-go"), async () => {
    const found = await getWith<Progress>("/v1/complaints/progress", { "Tracking-Code": code.value.trim() });
    const said = found.steps.flatMap((step) => (step.said ? [`${day(step.at)} ${step.said}`] : []));
    const outcome = found.outcome ? ` ${t(`appeal.outcome.${found.outcome}` as Word)}` : "";
    return [t(`appeal.state.${found.state}`) + outcome, ...said].join(" · ");
  });
  return sheet.form;
}
