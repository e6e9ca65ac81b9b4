/** A file of staff on its way in: sent, checked row by row, confirmed or thrown away. */

import { call, get, post } from "./api.ts";
import { at, during, el, say, show, words } from "./dom.ts";
import { save } from "./save.ts";
import type { ImportFault, StaffImport } from "./types.ts";
import { bilingual, t } from "./words.ts";

const LOOK_EVERY = 1000; // milliseconds, while a file is being read
const SHOWN = 20; // faults on the page; all of them are in the report
const BUSY = ["uploaded", "checking", "applying"];
const OPEN = [...BUSY, "checked"];

function faultsTable(faults: ImportFault[]): HTMLElement {
  const heads = ["row", "column", "cell", "problem"] as const;
  const rows = faults.map((one) => {
    const cells = [bilingual(one.column), one.cell ?? "", bilingual(one.problem)];
    return el("tr", {}, el("th", { scope: "row", "data-label": t("organisation.fault-row") }, String(one.row)), ...cells.map((text, n) => el("td", { "data-label": t(`organisation.fault-${heads[n + 1]!}`) }, text)));
  });
  const head = el("thead", {}, el("tr", {}, ...heads.map((name) => el("th", { scope: "col" }, t(`organisation.fault-${name}`)))));
  return el("table", { class: "stacked", id: "faults" }, head, el("tbody", {}, ...rows));
}

export function staffFile(organisation: string, done: () => Promise<void>): void {
  const path = `/v1/organisations/${organisation}/imports`;
  const note = at("import-note");
  const form = at<HTMLFormElement>("import");
  const place = at("import-state");
  const mine = el("div", {}); // another organisation's desk puts its own in its place
  place.replaceChildren(mine);
  const template = at<HTMLButtonElement>("template");
  template.onclick = () => void during(template, note, () => save("/v1/staff-template.xlsx", "staff.xlsx"));
  const act = (text: string, plain: boolean, work: () => Promise<void>): HTMLElement => {
    const button = el("button", { type: "button", ...(plain ? { class: "plain" } : {}) }, text);
    button.onclick = () => void during(button, note, work);
    return button;
  };
  const told = (job: StaffImport): string =>
    [
      t("organisation.import-state", { state: t(`organisation.import.${job.state}`), rows: job.rows, good: job.good, bad: job.bad }),
      job.known ? t("organisation.import-known", { n: job.known }) : "",
      job.newDepartments ? t("organisation.import-departments", { n: job.newDepartments }) : "",
    ].join("");
  const step = (job: StaffImport, what: string) => async (): Promise<void> => draw(await post<StaffImport>(`${path}/${job.id}/${what}`));
  const actions = (job: StaffImport): HTMLElement =>
    el("p", { class: "actions" },
      ...(job.state === "checked" && job.good ? [act(t("organisation.import-confirm", { n: job.good }), false, step(job, "confirmation"))] : []),
      ...(job.state === "checked" ? [act(t("organisation.import-cancel"), true, step(job, "cancellation"))] : []),
      ...(job.bad ? [act(t("organisation.import-report"), true, () => save(`${path}/${job.id}/report`, "faults.xlsx"))] : []),
    );
  const look = async (job: StaffImport): Promise<void> => {
    if (place.contains(mine)) await draw(await get<StaffImport>(`${path}/${job.id}`));
  };
  const draw = async (job: StaffImport): Promise<void> => {
    const busy = BUSY.includes(job.state);
    const faults = job.bad && !busy ? (await get<{ items: ImportFault[] }>(`${path}/${job.id}/faults?limit=${SHOWN}`)).items : [];
    const said = job.refused ? `${t(`organisation.import.${job.state}`)}：${bilingual(job.refused)}` : told(job);
    mine.replaceChildren(
      el("p", { role: "status" }, said),
      ...(busy ? [el("progress", { max: "100", value: String(job.percent), "aria-label": said })] : []),
      actions(job),
      ...(faults.length ? [faultsTable(faults)] : []),
      ...(job.bad > faults.length && faults.length ? [el("p", { class: "quiet" }, t("organisation.import-more", { n: SHOWN }))] : []),
    );
    show(at("send-part"), !OPEN.includes(job.state)); // one file at a time
    if (busy) setTimeout(() => void look(job).catch((error: unknown) => say(note, words(error), "bad")), LOOK_EVERY);
    else if (job.state === "applied") await done();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    const file = at<HTMLInputElement>("staff").files?.[0];
    if (!file) return;
    void during(at<HTMLButtonElement>("send-staff"), note, async () => {
      const job = await call<StaffImport>("POST", path, file);
      form.reset();
      await draw(job);
    });
  };
  show(at("send-part"));
  say(note, "");
  const before = async (): Promise<void> => {
    const [last] = (await get<{ items: StaffImport[] }>(`${path}?limit=1`)).items;
    if (last && OPEN.includes(last.state) && place.contains(mine)) await draw(last);
  };
  void before().catch((error: unknown) => say(note, words(error), "bad"));
}
