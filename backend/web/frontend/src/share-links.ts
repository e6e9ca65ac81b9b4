/** On my record's page: links that show chosen fields beside the verdict, and when each was opened. */

import { call, get, post } from "./api.ts";
import { at, during, el, show } from "./dom.ts";
import { day, instant } from "./format.ts";
import { Sheet } from "./sheet.ts";
import { type Word, t } from "./words.ts";

const FIELDS = ["name", "employer", "registrationNumber", "score"] as const;
type Field = (typeof FIELDS)[number];

interface ShareLink {
  id: string;
  fields: Field[];
  state: "open" | "expired" | "revoked";
  createdAt: string;
  expiresAt: string;
  views: string[];
}

const titles = (fields: readonly Field[]): string => fields.map((one) => t(`shared.${one}` as Word)).join(t("share.and"));

function row(link: ShareLink, draw: () => Promise<void>): HTMLElement {
  const state = el("span", { class: "state" }, t(`share.state.${link.state}` as Word));
  state.dataset["state"] = link.state === "open" ? "issued" : "revoked";
  const seen = link.views.length ? t("share.views", { times: link.views.map(instant).join(t("share.and")) }) : t("share.not-opened");
  const span = t("share.span", { since: day(link.createdAt), until: day(link.expiresAt) });
  const item = el("li", {}, el("div", {},
    el("p", {}, state, ` ${titles(link.fields)}`),
    el("p", { class: "quiet" }, span),
    el("p", { class: "quiet" }, seen)));
  if (link.state !== "open") return item;
  const end = el("button", { type: "button", class: "plain" }, t("share.end"));
  end.addEventListener("click", () => void during(end, at("share-note"), async () => {
    await call("DELETE", `/v1/share-links/${link.id}`);
    await draw();
  }));
  item.append(end);
  return item;
}

function made(url: string): void {
  const field = at<HTMLInputElement>("share-url");
  field.value = url;
  show(at("share-made"));
  field.focus();
  field.select();
}

/** Fills the page's section; `record` is in the log already. `known`: fields as the holder's file names them. Without
 * `more`, the links that there are: they can be ended. */
export async function shareLinks(record: string, known: readonly string[], more: boolean): Promise<void> {
  const path = `/v1/records/${record}/share-links`;
  const draw = async (): Promise<void> => {
    const { items } = await get<{ items: ShareLink[] }>(path);
    at("share-links").replaceChildren(...items.map((link) => row(link, draw)));
    show(at("share"), more || items.length > 0);
  };
  if (more && !at("share-form").childElementCount) {
    const sheet = new Sheet();
    const boxes = FIELDS.map((one) => {
      const there = known.includes(one === "registrationNumber" ? "registration_number" : one);
      const box = sheet.check(t(`shared.${one}` as Word) + (there ? "" : t("holder.not-known")), one);
      box.disabled = !there;
      return [one, box] as const;
    });
    const days = sheet.select("days", t("share.days"), [1, 7, 30, 90].map((n) => [String(n), t("share.n-days", { n })] as const));
    days.value = "7";
    sheet.submit(t("share.make"), async () => {
      const fields = boxes.filter(([, box]) => box.checked).map(([one]) => one);
      made((await post<{ url: string }>(path, { fields, days: Number(days.value) })).url);
      await draw();
      return "";
    });
    at("share-form").append(sheet.form);
  }
  await draw();
}
