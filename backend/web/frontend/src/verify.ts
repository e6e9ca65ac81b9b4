/** The visitor's own browser works a verdict out: of the record of this page, or of a file. */

import { at, el, say, show } from "./dom.ts";
import { holdAgainst, watchLog } from "./log-watch.ts";
import { showHolder } from "./own-holder.ts";
import { factsOf, newestLists } from "./printed-file.ts";
import { header } from "./session.ts";
import { MAX_BUNDLE_BYTES } from "./verdict/bundle.ts";
import type { Bytes } from "./verdict/bytes.ts";
import { inChinese } from "./verdict/evidence.ts";
import { isPdf, MAX_PDF_BYTES } from "./verdict/printed.ts";
import { Refused } from "./verdict/refusal.ts";
import { parseTrust, type Trust } from "./verdict/trust.ts";
import { type Check, Examiner, type Outcome } from "./verdict/verify.ts";
import { language, t } from "./words.ts";

interface Said {
  title: string;
  words: string;
  tone: "good" | "grey" | "bad";
}

const place = at("own-check");
const { code = "", number = "", trust = "" } = place.dataset;
const trustAddresses = trust.split(" ");
const verdicts = JSON.parse(place.dataset["verdicts"] ?? "{}") as Record<string, Said>;
const titles = JSON.parse(place.dataset["checks"] ?? "{}") as Record<string, string>;
const status = at("own-status");
const OFF = 120; // seconds by which a clock may differ without a word
let ownTrust: Trust | null = null;
let offBy = 0;
const ownBundle = `/v1/verifications/${encodeURIComponent(code)}/bundle`;
let bundleGiven: { content: Bytes; name: string } | null = null;

async function fetched(address: string): Promise<Bytes> {
  const answer = await fetch(address, { cache: "no-store" });
  if (!answer.ok) throw new Error(`${answer.status} from ${address}`);
  const served = Date.parse(answer.headers.get("Date") ?? "");
  if (!Number.isNaN(served)) offBy = Math.abs(Date.now() - served) / 1000;
  return new Uint8Array(await answer.arrayBuffer());
}

/** One's own pins, or those of this place. */
const pins = async (address: string): Promise<Trust> => ownTrust ?? parseTrust(await fetched(address));

/** `holder`: the holder's own file beside it. A demonstration has pins of its own beside the others. */
async function examine(content: Bytes, file: string | null, holder: Bytes | null = null): Promise<void> {
  for (const address of trustAddresses) {
    const trust = await pins(address);
    const outcome = await examined(new Examiner(trust), content, file !== null);
    if (outcome.verdict === "untrusted-key" && address !== trustAddresses.at(-1)) continue;
    draw(outcome, file, isPdf(content));
    if (file !== null && outcome.checkpoint) await holdAgainst(trust, outcome.checkpoint, file, agreed);
    if (!(await showHolder(holder, content, outcome, trust))) say(status, t("own.holder-refused"), "bad");
    return;
  }
}

/** A file's own lists are as old as the file, so it is looked at again with those of today. */
async function examined(examiner: Examiner, content: Bytes, aged: boolean): Promise<Outcome> {
  const now = Date.now() / 1000;
  const found = await examiner.examineFile(content, now);
  if (!aged || !found.claims) return found;
  return examiner.examineFile(content, now, await newestLists(found.claims, fetched));
}

function draw(outcome: Outcome, file: string | null, pdf: boolean): void {
  const said = verdicts[outcome.verdict] as Said;
  const verdict = at("own-verdict");
  verdict.dataset["verdict"] = outcome.verdict;
  verdict.dataset["tone"] = said.tone;
  at("own-verdict-title").textContent = said.title;
  at("own-verdict-words").textContent = said.words;
  const demonstration = outcome.claims && outcome.demonstration ? t("own.demonstration") : "";
  const notes = [whose(outcome, file), pdf ? print(outcome) : "", demonstration, unseen(outcome), clock()];
  at("own-whose").textContent = notes.filter(Boolean).join(" ");
  at("own-facts").replaceChildren(...factsOf(outcome));
  show(at("own-compare"), pdf && outcome.claims !== null);
  show(at("own-facts-title"), !pdf || outcome.claims === null);
  at("own-checks").replaceChildren(...outcome.checks.map(line));
  show(at("own-result"));
  say(status, t("own.done", { verdict: said.title }));
  verdict.focus();
}

const agreed = (size: bigint): void =>
  at("own-checks").append(line({ name: t("log.file-grown"), ok: true, evidence: t("log.file-grown-words", { size: String(size) }) }));

function whose(outcome: Outcome, file: string | null): string {
  if (file === null) return t("own.this-record", { number });
  const found = outcome.claims?.credentialSubject.licenseNumber;
  if (found === undefined) return t("own.file-unread", { file });
  if (!number) return t("own.file-given", { file, number: found });
  return t(found === number ? "own.file-of-this-record" : "own.file-of-another", { file, number: found });
}

const unseen = ({ checks }: Outcome): string =>
  checks.some(({ name, ok }) => name === "witnesses" && !ok) ? t("own.few-witnesses") : "";

const clock = (): string =>
  offBy > OFF ? t("own.clock", { minutes: Math.round(offBy / 60) }) : "";

/** Of a PDF: whether what it shows is what was issued. */
const print = (outcome: Outcome): string =>
  outcome.seal ? t("own.print-whole") : outcome.claims || outcome.verdict === "tampered" ? t("own.print-changed") : "";

const spoken = (evidence: string): string => (language === "zh" ? inChinese(evidence) : evidence);

function line(check: Check): HTMLElement {
  const words = el("span", {}, t(check.ok ? "verify.ok" : "verify.failed"));
  const name = el("strong", {}, titles[check.name] ?? check.name);
  const text = el("div", {}, name, " ", words, el("p", { class: "evidence" }, spoken(check.evidence)));
  return el("li", { "data-tone": check.ok ? "good" : "bad" }, sign(check.ok), text);
}

function sign(ok: boolean): SVGElement {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.setAttribute("viewBox", "0 0 48 48");
  drawn.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ok ? "M12 25l8 8 16-18" : "M14 14l20 20M34 14L14 34");
  drawn.append(path);
  return drawn;
}

/** What stood here before is gone before anything new is worked out. */
async function during(work: () => Promise<void>): Promise<void> {
  const button = at<HTMLButtonElement>("own-go");
  button.disabled = true;
  show(at("own-result"), false);
  say(status, t("own.working"));
  try {
    await work();
  } catch (error) {
    console.error(error);
    say(status, t(error instanceof Refused ? "own.trust-bad" : "error.unexpected"), "bad");
  } finally {
    button.disabled = false;
  }
}

const read = async (file: File): Promise<Bytes> => new Uint8Array(await file.arrayBuffer());

async function given(file: File): Promise<void> {
  if (file.name.toLowerCase().endsWith(".json")) return trusted(file);
  if (file.size > Math.max(MAX_BUNDLE_BYTES, MAX_PDF_BYTES)) return say(status, t("own.too-large"), "bad");
  if (file.name.toLowerCase().endsWith(".sd-jwt")) return beside(await read(file));
  bundleGiven = { content: await read(file), name: file.name };
  await examine(bundleGiven.content, bundleGiven.name);
}

/** Beside the file that was given, or else this page's record. */
async function beside(holder: Bytes): Promise<void> {
  if (!bundleGiven && !code) return say(status, t("own.bundle-first"), "bad");
  await examine(bundleGiven?.content ?? (await fetched(ownBundle)), bundleGiven?.name ?? null, holder);
}

async function trusted(file: File): Promise<void> {
  ownTrust = await parseTrust(await read(file));
  say(status, t("own.trust-taken"), "good");
}

function takeFiles(field: HTMLInputElement): void {
  field.addEventListener("change", () => {
    const file = field.files?.[0];
    if (file) void during(() => given(file)).then(() => (field.value = ""));
  });
}

function takeDrops(): void {
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.dataset["over"] = "";
  });
  place.addEventListener("dragleave", () => delete place.dataset["over"]);
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    delete place.dataset["over"];
    const file = event.dataTransfer?.files[0];
    if (file) void during(() => given(file));
  });
}

function begin(): void {
  if (!globalThis.crypto?.subtle) return say(status, t("own.cannot"), "bad");
  show(at("own-ways"));
  takeFiles(at<HTMLInputElement>("own-file"));
  takeFiles(at<HTMLInputElement>("own-trust"));
  takeDrops();
  show(at("own-go"), code !== "");
  at("own-go").addEventListener("click", () => {
    bundleGiven = null;
    void during(async () => examine(await fetched(ownBundle), null));
  });
  void watchLog(() => pins(trustAddresses[0] as string));
}

begin();
void header();
