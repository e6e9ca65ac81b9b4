/** What people gave for essays, and how the mark was corrected since. */

import { get } from "../api.ts";
import { el } from "../dom.ts";
import { instant } from "../format.ts";
import { t } from "../words.ts";

interface Marked {
  decided: boolean;
  essays: { worth: number; points: number | null; comments: string[] }[];
}

interface Corrections {
  items: { before: number; score: number; passed: boolean; correctedAt: string }[];
}

/** Empty where no person marked and nothing was corrected. */
export async function marked(attempt: string): Promise<HTMLElement[]> {
  const path = `/v1/attempts/${attempt}`;
  const [people, corrected] = await Promise.all([get<Marked>(`${path}/essays`), get<Corrections>(`${path}/corrections`)]);
  return [...(people.decided ? essays(people) : []), ...corrections(corrected)];
}

function essays({ essays: all }: Marked): HTMLElement[] {
  if (!all.length) return [];
  const rows = all.map((one, n) =>
    el(
      "li",
      {},
      el("span", {}, t("exam.essay-points", { n: n + 1, points: one.points ?? 0, worth: one.worth })),
      ...one.comments.map((text) => el("p", { class: "quiet" }, t("exam.essay-comment", { text }))),
    ),
  );
  return [el("h3", {}, t("exam.essays")), el("ul", { class: "plain" }, ...rows)];
}

function corrections({ items }: Corrections): HTMLElement[] {
  if (!items.length) return [];
  const rows = items.map((one) => {
    const values = { before: one.before, score: one.score, at: instant(one.correctedAt) };
    return el("li", {}, t(one.passed ? "exam.correction-passed" : "exam.correction", values));
  });
  return [el("h3", {}, t("exam.corrections")), el("ul", { class: "plain" }, ...rows)];
}
