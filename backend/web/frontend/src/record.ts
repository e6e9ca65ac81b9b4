/** My record: what it says, its QR code, its bundle. */

import { download, get } from "./api.ts";
import { at, during, el, mustBeSignedIn, say, show, start } from "./dom.ts";
import { day } from "./format.ts";
import { identityNotice } from "./identity.ts";
import { header } from "./session.ts";
import { shareLinks } from "./share-links.ts";
import type { MyRecord, Person } from "./types.ts";
import { type Word, bilingual, t } from "./words.ts";

const { record: id = "" } = at("record").dataset;
let number = "record";
let person: Person | null = null;
const POLL = 1000; // milliseconds, while it is being issued

function facts(record: MyRecord): [Word, string][] {
  return [
    ["fact.title", bilingual(record.title)],
    ["fact.programme", `${record.programme} · ${record.edition}`],
    ["fact.number", record.number ?? "—"],
    ["fact.issued", record.issuedAt ? day(record.issuedAt) : "—"],
  ];
}

function why(record: MyRecord): string {
  if (record.state === "waiting-for-identity") return t("record.waits-for-identity");
  return record.whyWaiting ?? t("record.waiting");
}

function draw(record: MyRecord): void {
  at("facts").replaceChildren(
    ...facts(record).flatMap(([word, value]) => [el("dt", {}, t(word)), el("dd", {}, value)]),
  );
  const state = at("state");
  state.textContent = t(`record.state.${record.state}`);
  state.dataset["state"] = record.state;
  show(at("demonstration"), record.demonstration);
  show(at("public"), record.url !== null);
  say(at("waiting"), record.url ? "" : why(record));
  if (!record.url) return;
  // A record that waited was found by its request; from now on it has an address of its own.
  if (record.id !== id) history.replaceState(null, "", `/records/${record.id}`);
  at<HTMLImageElement>("qr").src = `/v/${record.code}/qr.svg`;
  const link = at<HTMLAnchorElement>("public-link");
  link.href = `/v/${record.code}`;
  link.textContent = record.url.replace(/^https?:\/\//, "");
}

async function load(): Promise<void> {
  const record = await get<MyRecord>(`/v1/records/${id}`);
  draw(record);
  if (record.state === "waiting-for-identity") await identityNotice(person, load);
  number = record.number ?? "record";
  if (record.url) await shareLinks(record.id);
  if (record.state === "due") setTimeout(() => void load(), POLL);
}

async function save(): Promise<void> {
  const link = el("a", { href: URL.createObjectURL(await download(`/v1/records/${id}/bundle`)) });
  link.download = `${number}.zip`;
  link.click();
}

start(async () => {
  await mustBeSignedIn();
  person = await header();
  await load();
  const button = at<HTMLButtonElement>("bundle");
  button.addEventListener("click", () => void during(button, at("status"), save));
  show(at("loading"), false);
  show(at("content"));
});
