/** A form made by its script: label, hint and field, and what was wrong with it beside it. */

import { Problem } from "./api.ts";
import { during, el, say } from "./dom.ts";
import { inLanguage } from "./login.ts";
import { language, t } from "./words.ts";

type Input = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

let made = 0;

/** Some refusals say their field in Chinese alone; their sentence comes in the reader's language. */
function said(text: string, error: Problem): string {
  const here = inLanguage(text, language);
  return language === "en" && /\p{Script=Han}/u.test(here) ? error.message : here;
}

export class Sheet {
  readonly form: HTMLFormElement;
  private readonly id = `sheet-${(made += 1)}`;
  private readonly wrong = new Map<string, { input: Input; line: HTMLElement }>();

  /** `form`: one that stands on the page already. */
  constructor(form = el("form", {})) {
    this.form = form;
  }

  /** `name`: as the API calls the field. */
  private add<T extends Input>(name: string, label: string, input: T, hint: string): T {
    const id = `${this.id}-${name}`;
    const line = el("p", { class: "hint", id: `${id}-wrong`, role: "alert", hidden: "" });
    input.id = id;
    input.name = name;
    input.setAttribute("aria-describedby", `${hint ? `${id}-words ` : ""}${id}-wrong`);
    this.wrong.set(name, { input, line });
    this.form.append(el("label", { for: id }, label));
    if (hint) this.form.append(el("p", { class: "quiet hint", id: `${id}-words` }, hint));
    this.form.append(input, line);
    return input;
  }

  field(name: string, label: string, attributes: Record<string, string> = {}, hint = ""): HTMLInputElement {
    return this.add(name, label, el("input", { autocomplete: "off", required: "", ...attributes }), hint);
  }

  optional(name: string, label: string, attributes: Record<string, string> = {}, hint = ""): HTMLInputElement {
    const input = this.field(name, label, attributes, hint);
    input.required = false;
    return input;
  }

  /** Text of several lines. */
  area(name: string, label: string, attributes: Record<string, string> = {}, hint = ""): HTMLTextAreaElement {
    return this.add(name, label, el("textarea", { rows: "3", autocomplete: "off", ...attributes }), hint);
  }

  select(name: string, label: string, choices: readonly (readonly [value: string, text: string])[]): HTMLSelectElement {
    return this.add(name, label, el("select", {}, ...choices.map(([value, text]) => el("option", { value }, text))), "");
  }

  check(label: string, value = ""): HTMLInputElement {
    const input = el("input", { type: "checkbox", value });
    this.form.append(el("label", { class: "option" }, input, label));
    return input;
  }

  /** The button; `work` sends. What is refused is said beside its field, or else below. */
  submit(text: string, work: () => Promise<string>): HTMLButtonElement {
    const button = el("button", {}, text);
    const note = el("p", { role: "status", hidden: "" });
    this.form.append(button, note);
    this.form.onsubmit = (event) => {
      event.preventDefault();
      for (const { input, line } of this.wrong.values()) {
        say(line, "");
        input.removeAttribute("aria-invalid");
      }
      void during(button, note, () => this.sent(note, work));
    };
    return button;
  }

  private async sent(note: HTMLElement, work: () => Promise<string>): Promise<void> {
    try {
      say(note, await work(), "good");
    } catch (error) {
      if (error instanceof Problem) this.explain(error);
      throw error;
    }
  }

  private explain(error: Problem): void {
    for (const [name, text] of Object.entries(error.fields)) {
      const found = this.wrong.get(name);
      if (!found) continue;
      say(found.line, said(text, error), "bad");
      found.input.setAttribute("aria-invalid", "true");
    }
    this.form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }
}

/** A form that opens on demand. */
export function folded(title: string, sheet: Sheet, ...before: HTMLElement[]): HTMLDetailsElement {
  return el("details", { "data-keep": title }, el("summary", {}, title), ...before, sheet.form);
}

export function reason(sheet: Sheet): HTMLInputElement {
  return sheet.field("reason", t("sheet.reason"), { minlength: "5", maxlength: "500" });
}

/** What a `datetime-local` says, at the place of the class. */
export const inChina = (typed: string): string => `${typed}:00+08:00`;
