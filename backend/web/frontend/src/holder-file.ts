/** On my record's page: a file of my own that says who I am beside the record, field by field. */

import { Problem, get } from "./api.ts";
import { at, show } from "./dom.ts";
import { save } from "./save.ts";
import { Sheet } from "./sheet.ts";
import { type Word, t } from "./words.ts";

const FIELDS = ["name", "id_document", "employer", "registration_number", "score"] as const;

/** What is known of me here, and so may be shown. */
export async function known(record: string): Promise<string[]> {
  return (await get<{ fields: string[] }>(`/v1/records/${record}/holder-fields`)).fields;
}

/** Fills the page's section; `record` is in the log already. */
export function holderFile(record: string, number: string, fields: readonly string[]): void {
  const place = at("holder-form");
  if (place.childElementCount) return;
  const sheet = new Sheet();
  const boxes = FIELDS.map((name) => {
    const there = fields.includes(name);
    const box = sheet.check(t(`holder.${name}` as Word) + (there ? "" : t("holder.not-known")), name);
    box.disabled = !there;
    return [name, box] as const;
  });
  sheet.submit(t("holder.get"), async () => {
    const chosen = boxes.filter(([, box]) => box.checked).map(([name]) => name);
    // Without a choice the interface gives all of them: never what somebody meant who chose none.
    if (!chosen.length) throw new Problem(422, "holder", t("holder.choose"));
    await save(`/v1/records/${record}/holder-credential?show=${chosen.join(",")}`, `${number}.sd-jwt`);
    return t("holder.got");
  });
  place.append(sheet.form);
  show(at("holder"));
}
