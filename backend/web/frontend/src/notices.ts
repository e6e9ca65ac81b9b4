/** The inbox: what I was told, and where else it goes. */

import { call, get, post } from "./api.ts";
import { at, during, el, mustBeSignedIn, say, show, start } from "./dom.ts";
import { instant } from "./format.ts";
import { header } from "./session.ts";
import type { Notice, NoticeChoice, NoticeList } from "./types.ts";
import { bilingual, t } from "./words.ts";

let newest: string | null = null;
let cursor: string | null = null;

function row(notice: Notice): HTMLElement {
  const heading = el("h2", {}, bilingual(notice.subject));
  const text = el("p", {}, bilingual(notice.text));
  const unread = el("span", { class: "state", "data-state": "open" }, t("notices.unread"));
  const link = notice.link ? el("a", { href: notice.link }, t("notices.go")) : null;
  link?.addEventListener("click", () => {
    void call("POST", `/v1/notices/${notice.id}/read`, {}, true).catch(() => undefined);
  });
  const when = el("span", { class: "quiet" }, instant(notice.at));
  return el("li", {}, heading, notice.read ? null : unread, text, el("p", { class: "row" }, when, link));
}

async function more(): Promise<void> {
  const page = await get<NoticeList>(`/v1/notices?limit=20${cursor ? `&cursor=${cursor}` : ""}`);
  if (!cursor) at("notices").replaceChildren();
  newest ??= page.items[0]?.id ?? null;
  at("notices").append(...page.items.map(row));
  cursor = page.nextCursor;
  show(at("more"), cursor !== null);
  show(at("none"), newest === null);
  show(at("read-all"), page.unread > 0);
}

async function readAll(): Promise<void> {
  await post("/v1/notices/read", { upTo: newest });
  newest = cursor = null;
  await more();
  at("none").focus();
}

function choices(choice: NoticeChoice): void {
  const email = at<HTMLInputElement>("by-email");
  const sms = at<HTMLInputElement>("by-sms");
  [email.checked, sms.checked] = [choice.email, choice.sms];
  const save = at<HTMLButtonElement>("save-choice");
  const note = at("choice-note");
  at("choice").addEventListener("submit", (event) => {
    event.preventDefault();
    void during(save, note, async () => {
      await call("PUT", "/v1/me/notice-choice", { email: email.checked, sms: sms.checked });
      say(note, t("notices.saved"), "good");
    });
  });
}

start(async () => {
  await mustBeSignedIn();
  const [choice] = await Promise.all([get<NoticeChoice>("/v1/me/notice-choice"), header(), more()]);
  choices(choice);
  for (const [id, work] of [["more", more], ["read-all", readAll]] as const) {
    const button = at<HTMLButtonElement>(id);
    button.addEventListener("click", () => void during(button, at("list-note"), work));
  }
  show(at("loading"), false);
  show(at("content"));
});
