/** Members of an organisation: who they are, what each may do, and who is let in. */

import { call, get, post } from "./api.ts";
import { at, during, el, say, show } from "./dom.ts";
import { day } from "./format.ts";
import { explained } from "./marks.ts";
import { Paged } from "./paged.ts";
import type { Department, Invited, JoinCode, JoinRequest, Member } from "./types.ts";
import { t } from "./words.ts";

function button(text: string, note: HTMLElement, work: () => Promise<void>, sure = ""): HTMLButtonElement {
  const made = el("button", { type: "button", class: "plain" }, text);
  made.onclick = () => {
    if (!sure || confirm(sure)) void during(made, note, work);
  };
  return made;
}

function departmentChoice(departments: Department[], chosen: string | undefined): HTMLSelectElement {
  const options = departments.map((one) => el("option", { value: one.id }, "　".repeat(one.depth - 1) + one.name));
  const select = el("select", {}, el("option", { value: "" }, t("organisation.no-department")), ...options);
  select.value = chosen ?? "";
  return select;
}

/** What a manager may do with a member. `again` draws the list anew. */
function duties(path: string, member: Member, departments: Department[], again: () => Promise<void>): HTMLElement {
  const note = el("p", { role: "status", hidden: "" });
  const place = departmentChoice(departments, member.departmentId);
  const sent = async (): Promise<void> => {
    whole.dataset["sent"] = "";
    await again();
  };
  const change = (position: Member["position"]) => async (): Promise<void> => {
    const body = { position, ...(place.value ? { departmentId: place.value } : {}), ...(member.duty ? { duty: member.duty } : {}) };
    await call("PUT", `${path}/${member.id}`, body);
    await sent();
  };
  const remove = async (): Promise<void> => {
    await call<void>("DELETE", `${path}/${member.id}`);
    await sent();
  };
  const named = { name: member.name };
  const office = member.position === "manager"
    ? button(t("organisation.relieve"), note, change("member"), t("organisation.relieve-sure", named))
    : button(t("organisation.promote"), note, change("manager"), t("organisation.promote-sure", named));
  const whole = el("details", { "data-keep": "manage" },
    el("summary", {}, t("organisation.manage-member")),
    el("label", {}, t("organisation.department"), place),
    el("div", { class: "actions" }, button(t("organisation.save"), note, change(member.position)), office, button(t("organisation.remove"), note, remove, t("organisation.remove-sure", named))),
    note,
  );
  return whole;
}

function line(path: string, member: Member, departments: Department[], again: () => Promise<void>): HTMLElement {
  const position = member.position === "manager" ? el("span", { class: "state" }, t("organisation.manager")) : null;
  const where = departments.find((one) => one.id === member.departmentId)?.name;
  const facts = [where, member.contact, t("organisation.joined", { day: day(member.joinedAt) })];
  return el("li", { "data-keep": `${path}/${member.id}` }, el("span", {}, member.name || t("organisation.unnamed")), position, el("span", { class: "quiet" }, facts.filter(Boolean).join(" · ")), duties(path, member, departments, again));
}

export async function members(organisation: string, departments: Department[]): Promise<void> {
  const path = `/v1/organisations/${organisation}/members`;
  const list: Paged<Member> = new Paged<Member>(`${path}?limit=20`, "members", (one) => line(path, one, departments, again));
  const again = async (): Promise<void> => void (await list.draw());
  await list.draw();
}

/** Invitations that nobody has used yet, and the form that makes one. */
export async function invitations(organisation: string): Promise<void> {
  const path = `/v1/organisations/${organisation}/invitations`;
  const note = at("invite-note");
  const list = async (): Promise<void> => {
    const { items } = await get<{ items: Invited[] }>(`${path}?limit=100`);
    at("invitations").replaceChildren(...items.map(one));
    show(at("invitations-part"), items.length > 0);
  };
  const one = (invited: Invited): HTMLElement => {
    const withdraw = async (): Promise<void> => {
      await call<void>("DELETE", `${path}/${invited.id}`);
      await list();
    };
    const who = invited.contact ?? t("invitation.for-anyone");
    return el("li", {}, el("span", {}, who), el("span", { class: "quiet" }, t("organisation.until", { day: day(invited.expiresAt) })), button(t("organisation.withdraw-invitation"), note, withdraw));
  };
  const form = at<HTMLFormElement>("invite");
  form.onsubmit = (event) => {
    event.preventDefault();
    const login = at<HTMLInputElement>("login").value.trim();
    void during(at<HTMLButtonElement>("invite-go"), note, () =>
      explained(["login"], async () => {
        const made = await post<{ token: string; sent: boolean }>(path, login ? { login } : {});
        form.reset();
        const link = `${location.origin}/invitations/${made.token}`;
        say(note, t(made.sent ? "organisation.invited-sent" : "organisation.invited", { login, link }), "good");
        await list();
      }),
    );
  };
  await list();
}

/** The join code, and who asks to come in by it. `let_in` runs when somebody was. */
export async function joining(organisation: string, letIn: () => Promise<void>): Promise<void> {
  const path = `/v1/organisations/${organisation}`;
  const note = at("join-note");
  const shown = async (): Promise<void> => {
    const [{ code }, { items }] = await Promise.all([get<JoinCode>(`${path}/join-code`), get<{ items: JoinRequest[] }>(`${path}/join-requests?limit=100`)]);
    const set = (open: boolean) => async (): Promise<void> => {
      await call("PUT", `${path}/join-code`, { open, needsApproval: true });
      await shown();
    };
    at("join-code").textContent = code ? t("organisation.join-code", { code }) : t("organisation.join-closed");
    const renew = button(t(code ? "organisation.join-renew" : "organisation.join-open"), note, set(true), code ? t("organisation.join-renew-sure") : "");
    at("join-actions").replaceChildren(renew, ...(code ? [button(t("organisation.join-close"), note, set(false))] : []));
    at("join-requests").replaceChildren(...items.map(asked));
  };
  const asked = (one: JoinRequest): HTMLElement => {
    const decide = (approve: boolean) => async (): Promise<void> => {
      await call<void>("POST", `${path}/join-requests/${one.id}/decision`, { approve });
      await Promise.all([shown(), approve ? letIn() : null]);
    };
    return el("li", {}, el("span", {}, one.name), el("span", { class: "quiet" }, t("organisation.asked", { day: day(one.askedAt) })), button(t("organisation.let-in"), note, decide(true)), button(t("organisation.turn-away"), note, decide(false)));
  };
  await shown();
}
