/** A certification body's checking desk: who of its auditors is current, files of records, keys for its systems. */

import { get } from "./api.ts";
import { bulkChecks } from "./body-bulk.ts";
import { keys } from "./body-keys.ts";
import { roster } from "./body-roster.ts";
import { at, mustBeSignedIn, say, show, start } from "./dom.ts";
import { header } from "./session.ts";
import type { MyOrganisation } from "./types.ts";
import { type Word, t } from "./words.ts";

const code = at("body").dataset["code"] ?? "";
const path = `/v1/certification-bodies/${code}`;

start(async () => {
  await mustBeSignedIn();
  const [person, { items }] = await Promise.all([header(), get<{ items: MyOrganisation[] }>("/v1/me/organisations")]);
  const managed = items.some((one) => one.code === code && one.position === "manager");
  show(at("loading"), false);
  if (!managed && !person?.roles.includes("administrator")) return say(at("status"), t("body-desk.nobody"), "bad");
  const { status } = await get<{ status: { state: string; name: string } | null }>(path);
  at("name").textContent = status?.name ?? code;
  at("state").textContent = t(`bodies.state.${status?.state ?? "none"}` as Word);
  show(at("rests"), status?.state !== "listed");
  await Promise.all([roster(path), bulkChecks(path), keys(path)]);
  show(at("content"));
});
