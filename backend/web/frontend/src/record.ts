/** My record: what it says, its QR code, its bundle. */

import { titleOf } from "./anew.ts";
import { get } from "./api.ts";
import { decided } from "./decided.ts";
import { at, during, el, mustBeSignedIn, say, show, start } from "./dom.ts";
import { day } from "./format.ts";
import { identityNotice } from "./identity.ts";
import { holderFile, known } from "./holder-file.ts";
import { save } from "./save.ts";
import { header } from "./session.ts";
import { shareLinks } from "./share-links.ts";
import type { MyRecord, Person } from "./types.ts";
import { type Word, t } from "./words.ts";

const { record: id = "" } = at("record").dataset;
let number = "record";
let person: Person | null = null;
const POLL = 1000; // milliseconds, while it is being issued

function facts(record: MyRecord): [Word, string][] {
  return [
    ["fact.title", titleOf(record.title, record.period)],
    ...(record.holder ? [["fact.holder", record.holder] satisfies [Word, string]] : []),
    ["fact.programme", `${record.programme} · ${record.edition}`],
    ["fact.number", record.number ?? "—"],
    ["fact.issued", record.issuedAt ? day(record.issuedAt) : "—"],
    ...(record.validUntil ? [["fact.valid-until", day(record.validUntil)] satisfies [Word, string]] : []),
  ];
}

function why(record: MyRecord): string {
  if (record.state === "waiting-for-identity") return t("record.waits-for-identity");
  return t(record.state === "quarantined" ? "record.put-aside" : "record.waiting");
}

function draw(record: MyRecord): void {
  at("facts").replaceChildren(
    ...facts(record).flatMap(([word, value]) => [el("dt", {}, t(word)), el("dd", {}, value)]),
  );
  const state = at("state");
  const now = record.expired ? "expired" : record.state;
  state.textContent = t(`record.state.${now}`);
  state.dataset["state"] = now;
  show(at("demonstration"), record.demonstration);
  show(at("public"), record.url !== null);
  show(at("print-part"), record.state === "issued");
  decided(record);
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
  if (record.state === "due") setTimeout(() => void load(), POLL);
  if (!record.url) return;
  const inForce = record.state === "issued"; // what is not is no longer shown to others
  const fields = inForce ? await known(record.id) : [];
  if (inForce) holderFile(record.id, number, fields);
  await shareLinks(record.id, fields, inForce);
}

/** What each button fetches, and the end of the file's name. */
const FILES = [
  ["pdf-zh", "pdf?language=zh", "pdf"],
  ["pdf-en", "pdf?language=en", "pdf"],
  ["bundle", "bundle", "zip"],
] as const;

start(async () => {
  await mustBeSignedIn();
  person = await header();
  await load();
  for (const [name, path, ending] of FILES) {
    const button = at<HTMLButtonElement>(name);
    button.onclick = () => void during(button, at("status"), () => save(`/v1/records/${id}/${path}`, `${number}.${ending}`));
  }
  show(at("loading"), false);
  show(at("content"));
});
