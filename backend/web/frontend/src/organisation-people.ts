/** Members of an organisation: the list, an invitation, a file of staff. */

import { call, download, get, post } from "./api.ts";
import { at, during, el, say, show } from "./dom.ts";
import { day } from "./format.ts";
import type { Member, StaffImport } from "./types.ts";
import { bilingual, t } from "./words.ts";

const LOOK_EVERY = 1000; // milliseconds, while a file is being read

/** Saves what the API answers under `name`. */
export async function save(path: string, name: string): Promise<void> {
  const url = URL.createObjectURL(await download(path));
  const link = el("a", { href: url });
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function line(member: Member): HTMLElement {
  const position = member.position === "manager" ? el("span", { class: "state" }, t("organisation.manager")) : null;
  return el("li", {}, el("span", {}, member.name), position, el("span", { class: "quiet" }, [member.contact, t("organisation.joined", { day: day(member.joinedAt) })].filter(Boolean).join(" · ")));
}

export async function members(organisation: string): Promise<void> {
  let cursor = "";
  const more = at<HTMLButtonElement>("more-members");
  at("members").replaceChildren();
  const next = async (): Promise<void> => {
    const page = await get<{ items: Member[]; nextCursor?: string }>(`/v1/organisations/${organisation}/members?limit=20${cursor}`);
    at("members").append(...page.items.map(line));
    cursor = page.nextCursor ? `&cursor=${page.nextCursor}` : "";
    show(more, cursor !== "");
  };
  more.onclick = () => void during(more, at("status"), next);
  await next();
}

export function invitations(organisation: string): void {
  const form = at<HTMLFormElement>("invite");
  form.onsubmit = (event) => {
    event.preventDefault();
    const login = at<HTMLInputElement>("invited").value.trim();
    void during(form.querySelector("button")!, at("invite-note"), async () => {
      const made = await post<{ token: string; sent: boolean }>(`/v1/organisations/${organisation}/invitations`, login ? { login } : {});
      form.reset();
      const link = `${location.origin}/invitations/${made.token}`;
      say(at("invite-note"), t(made.sent ? "organisation.invited-sent" : "organisation.invited", { login, link }), "good");
    });
  };
}

export function staffFile(organisation: string, done: () => Promise<void>): void {
  const path = `/v1/organisations/${organisation}/imports`;
  const note = at("import-note");
  const template = at<HTMLButtonElement>("template");
  template.onclick = () => void during(template, note, () => save("/v1/staff-template.xlsx", "staff.xlsx"));
  const act = (text: string, plain: boolean, work: () => Promise<void>): HTMLElement => {
    const button = el("button", { type: "button", ...(plain ? { class: "plain" } : {}) }, text);
    button.onclick = () => void during(button, note, work);
    return button;
  };
  const draw = (job: StaffImport): void => {
    const told = t("organisation.import-state", { state: t(`organisation.import.${job.state}`), rows: job.rows, good: job.good, bad: job.bad });
    const busy = ["uploaded", "checking", "applying"].includes(job.state);
    const checked = job.state === "checked";
    at("import-state").replaceChildren(
      el("p", { role: "status" }, job.refused ? bilingual(job.refused) : told),
      ...(busy ? [el("progress", { max: "100", value: String(job.percent), "aria-label": told })] : []),
      el("p", { class: "actions" },
        ...(checked ? [act(t("organisation.import-confirm", { n: job.good }), false, () => step("confirmation"))] : []),
        ...(checked ? [act(t("organisation.import-cancel"), true, () => step("cancellation"))] : []),
        ...(job.bad ? [act(t("organisation.import-report"), true, () => save(`${path}/${job.id}/report`, "faults.xlsx"))] : []),
      ),
    );
    const step = async (what: string): Promise<void> => draw(await post<StaffImport>(`${path}/${job.id}/${what}`));
    if (busy) setTimeout(() => void get<StaffImport>(`${path}/${job.id}`).then(draw), LOOK_EVERY);
    else if (job.state === "applied") void done();
  };
  at<HTMLFormElement>("import").onsubmit = (event) => {
    event.preventDefault();
    const file = at<HTMLInputElement>("staff").files?.[0];
    if (!file) return;
    void during(at<HTMLButtonElement>("send-staff"), note, async () => draw(await call<StaffImport>("POST", path, file)));
  };
}
