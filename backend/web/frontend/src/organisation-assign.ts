/** The form that assigns a programme: to whom, until when. */

import { get, post } from "./api.ts";
import { during, el, say, show } from "./dom.ts";
import type { Department, Programme } from "./types.ts";
import { bilingual, t } from "./words.ts";

function choice(name: string, value: string, text: string, checked: boolean): [HTMLLabelElement, HTMLInputElement] {
  const input = el("input", { type: "radio", name, value });
  input.checked = checked;
  return [el("label", { class: "option" }, input, text), input];
}

function days(value: number): HTMLInputElement {
  return el("input", { type: "number", min: "1", max: "3650", value: String(value), inputmode: "numeric" });
}

function labelled(text: string, input: HTMLElement): HTMLElement {
  return el("label", {}, text, input);
}

/** Fills `form`; `done` runs when a programme was assigned. */
export function assignForm(form: HTMLFormElement, organisation: string, programmes: Programme[], departments: Department[], done: () => Promise<void>): void {
  const programme = el("select", { id: "programme" }, ...programmes.map((one) => el("option", { value: one.code }, `${one.code} ${bilingual(one.title)}`)));
  const compulsory = el("input", { type: "checkbox", id: "compulsory" });
  compulsory.checked = true;
  const [everyone] = choice("audience", "everyone", t("organisation.everyone"), true);
  const [some, someInput] = choice("audience", "departments", t("organisation.some-departments"), false);
  const boxes = departments.map((one) => el("input", { type: "checkbox", value: one.id }));
  const picked = el("div", { class: "picked", hidden: "" }, ...departments.map((one, n) => el("label", { class: "option" }, boxes[n] ?? null, "　".repeat(one.depth - 1) + one.name)));
  const [fixed, fixedInput] = choice("due", "fixed", t("organisation.due-fixed"), true);
  const [relative, relativeInput] = choice("due", "relative", t("organisation.due-relative"), false);
  const [none] = choice("due", "none", t("organisation.due-none"), false);
  const on = el("input", { type: "date", id: "due-on", required: "" });
  const after = days(60);
  const grace = days(30);
  const onPart = el("div", {}, labelled(t("organisation.due-on"), on), labelled(t("organisation.grace"), grace));
  const afterPart = el("div", { hidden: "" }, labelled(t("organisation.due-days"), after));
  const note = el("p", { role: "status", hidden: "" });
  const button = el("button", { id: "assign-go" }, t("organisation.assign-go"));
  const dress = (): void => {
    show(picked, someInput.checked);
    show(onPart, fixedInput.checked);
    show(afterPart, relativeInput.checked);
    on.required = fixedInput.checked;
  };
  form.onchange = dress;
  form.replaceChildren(
    labelled(t("organisation.programme"), programme),
    el("label", { class: "option" }, compulsory, t("organisation.compulsory")),
    el("fieldset", { class: "options" }, el("legend", {}, t("organisation.audience")), everyone, ...(departments.length ? [some] : []), picked),
    el("fieldset", { class: "options" }, el("legend", {}, t("organisation.due")), fixed, onPart, relative, afterPart, none),
    button,
    note,
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    const body = {
      programme: programme.value,
      compulsory: compulsory.checked,
      audience: someInput.checked ? "departments" : "everyone",
      departments: someInput.checked ? boxes.filter((box) => box.checked).map((box) => box.value) : [],
      ...(fixedInput.checked ? { dueOn: on.value, graceDays: Number(grace.value) } : {}),
      ...(relativeInput.checked ? { dueDays: Number(after.value) } : {}),
    };
    void during(button, note, async () => {
      await post(`/v1/organisations/${organisation}/assignments`, body);
      await done();
      say(note, t("organisation.assigned"), "good");
    });
  };
}

/** Departments in the order of a tree. */
export async function departmentsOf(organisation: string): Promise<Department[]> {
  const { items } = await get<{ items: Department[] }>(`/v1/organisations/${organisation}/departments`);
  const below = (parent: string | undefined): Department[] =>
    items.filter((one) => one.parentId === parent).flatMap((one) => [one, ...below(one.id)]);
  return below(undefined);
}
