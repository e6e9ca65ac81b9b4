/** What came of it, and the record that follows. */

import { get } from "../api.ts";
import { at, el, say, show } from "../dom.ts";
import { instant } from "../format.ts";
import type { MyRecord } from "../types.ts";
import { t } from "../words.ts";
import type { Outcome, PastAttempt } from "./attempts.ts";

const POLL = 1000; // milliseconds between looks for the record

const TONES = { passed: "good", failed: "bad", awaiting: "" } as const;

function verdict(outcome: Pick<Outcome, "passed">): keyof typeof TONES {
  if (outcome.passed === null) return "awaiting";
  return outcome.passed ? "passed" : "failed";
}

/** What came of earlier attempts, with what was corrected since. */
export function showHistory(attempts: PastAttempt[]): void {
  const ended = attempts.filter((one) => one.endedAt !== null);
  at("history-items").replaceChildren(...ended.map(pastRow));
  show(at("history"), ended.length > 0);
}

function pastRow(one: PastAttempt): HTMLElement {
  const score = one.score === null ? "" : t("exam.points", { n: one.score });
  const before = one.firstScore === null ? "" : t("exam.corrected", { n: one.firstScore });
  return el(
    "li",
    {},
    el("span", {}, t("exam.attempt", { n: one.number, at: instant(one.endedAt!) })),
    el("strong", { "data-tone": TONES[verdict(one)] }, t(`exam.verdict.${verdict(one)}`)),
    el("span", { class: "quiet" }, [score, before].filter(Boolean).join(" · ")),
  );
}

export function showOutcome(outcome: Outcome, inTime: boolean, programme: string): void {
  show(at("result"));
  say(at("verdict"), t(`exam.verdict.${verdict(outcome)}`), TONES[verdict(outcome)]);
  const { score, passMark: pass, failedModules, firstScore } = outcome;
  const before = firstScore === null ? "" : ` · ${t("exam.corrected", { n: firstScore })}`;
  at("score").textContent = score === null ? t("exam.awaiting-words") : t("exam.score", { score, pass }) + before;
  say(at("failed-modules"), failedModules.length ? t("exam.failed-modules", { modules: failedModules.join(t("exam.list")) }) : "");
  const handedIn = inTime ? "exam.handed-in" : "exam.handed-in-by-server";
  at("handed-in").textContent = t(handedIn, { at: instant(outcome.submittedAt) });
  at("result").focus();
  if (outcome.recordDue) void awaitRecord(programme);
  else if (outcome.passed) say(at("record-note"), t("exam.no-record"));
}

async function awaitRecord(programme: string): Promise<void> {
  say(at("record-note"), t("exam.record-coming"));
  const mine = await get<{ items: MyRecord[] }>("/v1/records").catch(() => ({ items: [] }));
  const record = mine.items.find((one) => one.programme === programme);
  if (!record || record.state === "due") return void setTimeout(() => void awaitRecord(programme), POLL);
  const waits = record.state === "waiting-for-identity";
  if (waits) say(at("record-note"), t("record.waits-for-identity"));
  else if (record.url) say(at("record-note"), t("exam.record-issued", { number: record.number ?? "" }), "good");
  else if (record.state === "quarantined") return say(at("record-note"), t("record.put-aside"), "bad");
  else return say(at("record-note"), t(`record.state.${record.state}`), "bad");
  at("record-link").replaceChildren(
    el("a", { class: "button", href: `/records/${record.id}` }, t("exam.see-record")),
  );
}
