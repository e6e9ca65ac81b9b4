/** What a remedy would do: how many marks and records it touches, and each of them by itself. */

import { el } from "./dom.ts";
import { t } from "./words.ts";

export interface Remedy {
  id: string;
  itemId: string;
  kind: "void" | "full-marks" | "new-key";
  state: "proposed" | "applied" | "refused";
  reason: string;
  proposedAt: string;
  decidedAt: string | null;
  decidedBecause: string | null;
  attempts: number | null;
  own: boolean;
}

interface Effect {
  attemptId: string;
  before: number;
  mended: number;
  after: number;
  passedBefore: boolean;
  passed: boolean;
  wouldFail: boolean;
  records: string[];
}

export interface Preview {
  sha256: string;
  attempts: number;
  raised: number;
  nowPass: number;
  wouldFail: number;
  records: number;
  changed: Effect[];
}

export function counts(seen: Preview): HTMLElement {
  const names = ["attempts", "raised", "nowPass", "wouldFail", "records"] as const;
  return el("dl", { class: "counts" }, ...names.map((name) => el("div", {}, el("dt", {}, t(`remedies.count.${name}`)), el("dd", {}, String(seen[name])))));
}

const words = (one: Effect): string => {
  if (one.wouldFail) return t("remedies.would-fail", { mended: one.mended });
  if (one.passed && !one.passedBefore) return t("remedies.now-pass");
  return one.passed ? t("remedies.passed") : t("remedies.failed");
};

export function table(seen: Preview): HTMLElement {
  if (!seen.changed.length) return el("p", { class: "quiet" }, t("remedies.no-change"));
  const heads = ["attempt", "before", "after", "means", "record"] as const;
  const head = el("tr", {}, ...heads.map((one) => el("th", { scope: "col" }, t(`remedies.column.${one}`))));
  const rows = seen.changed.map((one) =>
    el("tr", {}, ...[one.attemptId.slice(-12), String(one.before), String(one.after), words(one), one.records.join(" ") || "—"].map((text) => el("td", {}, text))),
  );
  const made = el("table", {}, el("caption", {}, t("remedies.changed", { n: seen.changed.length })), el("thead", {}, head), el("tbody", {}, ...rows));
  return el("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": t("remedies.changed", { n: seen.changed.length }) }, made);
}
