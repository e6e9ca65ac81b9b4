/** Where I am signed in, and ending it. */

import { call, get } from "./api.ts";
import { at, during, el, show } from "./dom.ts";
import { instant } from "./format.ts";
import { type Word, t } from "./words.ts";

interface MySession {
  id: string;
  device: string | null;
  method: "password" | "code" | "passkey" | "oidc";
  startedAt: string;
  lastUsedAt: string;
  secondFactor: boolean;
  current: boolean;
}

let cursor: string | null = null;

function drawn(session: MySession): HTMLLIElement {
  const how = [t(`account.method.${session.method}` as Word)];
  if (session.secondFactor && session.method !== "passkey") how.push(t("account.with-second-factor"));
  const end = el("button", { type: "button", class: "link" }, t("account.end"));
  const item = el("li", {},
    el("div", {},
      el("strong", {}, session.device ?? t("account.device-unknown")),
      el("p", { class: "quiet" },
        `${how.join(" · ")} · ${t("account.started", { when: instant(session.startedAt) })}`, el("br"),
        t("account.last-used", { when: instant(session.lastUsedAt) }))),
    session.current ? el("span", { class: "state" }, t("account.this-one")) : end);
  end.addEventListener("click", () =>
    void during(end, at("status"), async () => {
      await call("DELETE", `/v1/sessions/${session.id}`);
      item.remove();
    }));
  return item;
}

async function page(): Promise<HTMLLIElement[]> {
  const query = cursor ? `?cursor=${cursor}` : "";
  const found = await get<{ items: MySession[]; nextCursor: string | null }>(`/v1/sessions${query}`);
  cursor = found.nextCursor;
  show(at("more"), cursor !== null);
  return found.items.map(drawn);
}

export async function mySessions(): Promise<void> {
  cursor = null;
  at("sessions").replaceChildren(...(await page()));
}

const more = at<HTMLButtonElement>("more");
more.addEventListener("click", () =>
  void during(more, at("status"), async () => at("sessions").append(...(await page()))),
);
const others = at<HTMLButtonElement>("end-others");
others.addEventListener("click", () =>
  void during(others, at("status"), async () => {
    await call("DELETE", "/v1/sessions");
    await mySessions();
  }),
);
