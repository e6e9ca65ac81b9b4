/** A record's public page: the visitor's own browser works the verdict out again. */

import { at, el, say, show } from "./dom.ts";
import { day } from "./format.ts";
import { header } from "./session.ts";
import { MAX_BUNDLE_BYTES } from "./verdict/bundle.ts";
import type { Bytes } from "./verdict/bytes.ts";
import { Refused } from "./verdict/refusal.ts";
import { parseTrust, type Trust } from "./verdict/trust.ts";
import { type Check, Examiner, type Outcome } from "./verdict/verify.ts";
import { t, type Word } from "./words.ts";

interface Said {
  title: string;
  words: string;
  tone: "good" | "grey" | "bad";
}

const place = at("own-check");
const { code = "", number = "", trust: trustAddress = "" } = place.dataset;
const verdicts = JSON.parse(place.dataset["verdicts"] ?? "{}") as Record<string, Said>;
const titles = JSON.parse(place.dataset["checks"] ?? "{}") as Record<string, string>;
const status = at("own-status");
const OFF = 120; // seconds by which a clock may differ without a word
let ownTrust: Trust | null = null;
let offBy = 0;

async function fetched(address: string): Promise<Bytes> {
  const answer = await fetch(address, { cache: "no-store" });
  if (!answer.ok) throw new Error(`${answer.status} from ${address}`);
  const served = Date.parse(answer.headers.get("Date") ?? "");
  if (!Number.isNaN(served)) offBy = Math.abs(Date.now() - served) / 1000;
  return new Uint8Array(await answer.arrayBuffer());
}

const pins = async (): Promise<Trust> => ownTrust ?? parseTrust(await fetched(trustAddress));

async function examine(bundle: Bytes, file: string | null): Promise<void> {
  const examiner = new Examiner(await pins());
  draw(await examiner.examineFile(bundle, Date.now() / 1000), file);
}

function draw(outcome: Outcome, file: string | null): void {
  const said = verdicts[outcome.verdict] as Said;
  const verdict = at("own-verdict");
  verdict.dataset["verdict"] = outcome.verdict;
  verdict.dataset["tone"] = said.tone;
  at("own-verdict-title").textContent = said.title;
  at("own-verdict-words").textContent = said.words;
  const notes = [whose(outcome, file), outcome.claims && outcome.demonstration ? t("own.demonstration") : "", clock()];
  at("own-whose").textContent = notes.filter(Boolean).join(" ");
  at("own-facts").replaceChildren(...facts(outcome));
  at("own-checks").replaceChildren(...outcome.checks.map(line));
  show(at("own-result"));
  say(status, t("own.done", { verdict: said.title }));
  verdict.focus();
}

function whose(outcome: Outcome, file: string | null): string {
  if (file === null) return t("own.this-record", { number });
  const found = outcome.claims?.credentialSubject.licenseNumber;
  if (found === undefined) return t("own.file-unread", { file });
  return t(found === number ? "own.file-of-this-record" : "own.file-of-another", { file, number: found });
}

const clock = (): string =>
  offBy > OFF ? t("own.clock", { minutes: Math.round(offBy / 60) }) : "";

/** As signed: nothing of it comes from this page. */
function facts({ claims }: Outcome): HTMLElement[] {
  if (!claims) return [];
  const { achievement, creditsEarned, licenseNumber } = claims.credentialSubject;
  const shown: [Word, string][] = [
    ["fact.title", claims.name],
    ["fact.number", licenseNumber],
    ["fact.programme", `${achievement.humanCode} · ${achievement.version}`],
    ["fact.standard", achievement.fieldOfStudy],
    ["fact.hours", String(creditsEarned)],
    ["fact.issued", day(claims.validFrom)],
    ["fact.valid-until", claims.validUntil ? day(claims.validUntil) : t("fact.no-end")],
    ["fact.issuer", claims.issuer.name],
  ];
  return shown.flatMap(([word, value]) => [el("dt", {}, t(word)), el("dd", {}, value)]);
}

function line(check: Check): HTMLElement {
  const words = el("span", {}, t(check.ok ? "verify.ok" : "verify.failed"));
  const name = el("strong", {}, titles[check.name] ?? check.name);
  const text = el("div", {}, name, " ", words, el("p", { class: "evidence", lang: "en" }, check.evidence));
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
  if (file.size > MAX_BUNDLE_BYTES) return say(status, t("own.too-large"), "bad");
  await examine(await read(file), file.name);
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
  const bundle = `/v1/verifications/${encodeURIComponent(code)}/bundle`;
  at("own-go").addEventListener("click", () => void during(async () => examine(await fetched(bundle), null)));
}

begin();
void header();
