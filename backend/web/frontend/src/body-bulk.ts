/** A file of records: sent, checked row by row by the server, its verdicts shown and taken along. */

import { Problem, call, download, get } from "./api.ts";
import { at, during, el, say, words } from "./dom.ts";
import { instant } from "./format.ts";
import { save } from "./save.ts";
import { Sheet } from "./sheet.ts";
import { rows as csvRows } from "./csv.ts";
import type { Title } from "./types.ts";
import { type Word, bilingual, language, t } from "./words.ts";

interface BulkCheck {
  id: string;
  state: "uploaded" | "checking" | "done" | "refused";
  rows: number;
  percent: number;
  createdAt: string;
  verdicts: Record<string, number>;
  refused: Title | null;
  refusedLine: number | null;
}

const MOST_BYTES = 20 << 20;
const LOOK_EVERY = 1000; // milliseconds
const MOST_READ = 5000; // rows of a result that the page reads to show what is not valid
const SHOWN = 50;
const [ROW, ASKED, VERDICT, SAID] = [0, 1, 2, language === "en" ? 4 : 3];

const busy = (check: BulkCheck): boolean => check.state === "uploaded" || check.state === "checking";
const title = (verdict: string): string => t(`verdict.${verdict}` as Word);
const pause = (): Promise<void> => new Promise((done) => setTimeout(done, LOOK_EVERY));

function whyRefused(check: BulkCheck): string {
  const why = check.refused ? bilingual(check.refused) : t("bulk.refused");
  return check.refusedLine === null ? t("bulk.refused-because", { why }) : t("bulk.refused-line", { why, line: check.refusedLine });
}

function counts(check: BulkCheck): HTMLElement {
  const tiles = Object.entries(check.verdicts).map(([verdict, n]) => {
    const tile = el("li", {}, el("strong", {}, String(n)), el("span", {}, title(verdict)));
    tile.dataset["state"] = verdict === "valid" ? "done" : "late";
    return tile;
  });
  return el("ul", { class: "tiles" }, ...tiles);
}

function notValid(found: string[][]): HTMLElement {
  const heads: Word[] = ["organisation.fault-row", "bulk.asked", "bulk.verdict"];
  const line = (cells: string[]): HTMLElement =>
    el("tr", {},
      el("th", { scope: "row", "data-label": t(heads[0]!) }, cells[ROW] ?? ""),
      el("td", { "data-label": t(heads[1]!), class: "mono" }, cells[ASKED] ?? ""),
      el("td", { "data-label": t(heads[2]!) }, el("div", {}, el("strong", {}, title(cells[VERDICT] ?? "unknown")), " ", el("span", { class: "quiet" }, cells[SAID] ?? ""))));
  const head = el("thead", {}, el("tr", {}, ...heads.map((one) => el("th", { scope: "col" }, t(one)))));
  return el("table", { class: "stacked" }, head, el("tbody", {}, ...found.slice(0, SHOWN).map(line)));
}

export async function bulkChecks(body: string): Promise<void> {
  const path = `${body}/bulk-checks`;
  const place = at("bulk-checks");
  const note = at("bulk-note");
  const template = at<HTMLButtonElement>("bulk-template");
  template.onclick = () => void during(template, note, () => save("/v1/bulk-check-template.xlsx", "records.xlsx"));

  /** The rows that are not valid, where the file is small enough to look at here. */
  const details = async (check: BulkCheck): Promise<HTMLElement[]> => {
    if (check.state !== "done" || check.rows > MOST_READ) return [];
    const text = await (await download(`${path}/${check.id}/result`)).text();
    const bad = csvRows(text).slice(1).filter((cells) => cells[VERDICT] !== "valid");
    const over = bad.length > SHOWN ? [el("p", { class: "quiet" }, t("bulk.more", { n: SHOWN }))] : [];
    return bad.length ? [el("h3", {}, t("bulk.not-valid")), notValid(bad), ...over] : [el("p", {}, t("bulk.all-valid"))];
  };
  const card = (check: BulkCheck, ...more: HTMLElement[]): HTMLElement => {
    const told = check.state === "refused" ? whyRefused(check) : t(`bulk.state.${check.state}` as Word, { rows: check.rows });
    const take = el("button", { type: "button", class: "plain" }, t("bulk.result"));
    take.onclick = () => void during(take, note, () => save(`${path}/${check.id}/result`, "verdicts.csv"));
    const done = check.state === "done";
    return el("article", { class: "card" },
      el("p", { class: "quiet" }, instant(check.createdAt)),
      el("p", check.state === "refused" ? { "data-tone": "bad" } : {}, told),
      busy(check) ? el("progress", { max: "100", value: String(check.percent), "aria-label": told }) : null,
      done ? counts(check) : null,
      ...more,
      done ? el("p", { class: "actions" }, take) : null);
  };
  const list = async (): Promise<BulkCheck | null> => {
    const { items } = await get<{ items: BulkCheck[] }>(path);
    const [last] = items;
    const found = last ? await details(last) : [];
    place.replaceChildren(...items.map((one, n) => card(one, ...(n === 0 ? found : []))));
    return last ?? null;
  };
  const followed = async (check: BulkCheck): Promise<BulkCheck> => {
    let now = check;
    await list();
    while (busy(now)) {
      await pause();
      now = await get<BulkCheck>(`${path}/${check.id}`);
      if (busy(now)) place.firstElementChild?.replaceWith(card(now));
    }
    await list();
    return now;
  };

  const sheet = new Sheet();
  const file = sheet.field("file", t("bulk.file"), { type: "file", accept: ".xlsx,.csv,.txt" }, t("bulk.file-words"));
  const refused = (why: string): Problem => new Problem(422, "bulk-file-refused", why, { file: why });
  sheet.submit(t("bulk.send"), async () => {
    const chosen = file.files?.[0];
    if (chosen && chosen.size > MOST_BYTES) throw refused(t("bulk.too-large"));
    const ended = await followed(await call<BulkCheck>("POST", path, chosen));
    const why = ended.state === "refused" ? whyRefused(ended) : "";
    if (why) throw refused(why);
    sheet.form.reset();
    return t("bulk.state.done", { rows: ended.rows });
  });
  at("bulk-form").append(sheet.form);
  const last = await list();
  if (last && busy(last)) void followed(last).catch((error: unknown) => say(note, words(error), "bad"));
}
