/** On a record's page: whether the public log only grew since this browser's last visit, and since a file was made. */

import { at, say, show } from "./dom.ts";
import { instant } from "./format.ts";
import { continued, type Followed, followLog, OTHER_LOG, type Shelf } from "./kept-checkpoint.ts";
import type { Bytes } from "./verdict/bytes.ts";
import { CHANGED, FORKED, SHORTER } from "./verdict/growth.ts";
import type { Trust } from "./verdict/trust.ts";
import { type Word, t } from "./words.ts";

const CACHED = 1500; // milliseconds, more than a checkpoint may be kept on its way
const WORDS: Record<string, Word> = {
  [SHORTER]: "log.shorter",
  [FORKED]: "log.forked",
  [CHANGED]: "log.forked",
  [OTHER_LOG]: "log.other-log",
};

function shelf(): Shelf | null {
  try {
    return globalThis.localStorage;
  } catch {
    return null; // some browsers throw where storing is forbidden
  }
}

async function fetched(path: string): Promise<Bytes | null> {
  const answer = await fetch(`/log/${path}`, { cache: "no-store" });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${answer.status} from the log`);
  return new Uint8Array(await answer.arrayBuffer());
}

function alarm(words: string, proof: (string | undefined)[]): void {
  at("log-changed-words").textContent = words;
  at("log-proof").textContent = proof.filter(Boolean).join("\n\n");
  show(at("log-changed"));
  document.body.dataset["log"] = "changed"; // nothing green beside it
}

function draw(found: Followed): void {
  const line = at("log-followed");
  if (found.state === "changed") {
    const seen = { at: found.kept ? instant(found.kept.at) : "—" };
    alarm(t(WORDS[found.why] ?? "log.unproved", seen), [found.why, found.kept?.note, found.note]);
  } else if (found.state === "grown") say(line, t("log.grown", { at: instant(found.kept.at), size: String(found.size) }));
  else say(line, t(found.state === "first" ? "log.first" : "log.not-kept"));
}

const pause = (): Promise<void> => new Promise((done) => setTimeout(done, CACHED));

/** What could not be fetched is not held against the log. */
export async function watchLog(pins: () => Promise<Trust>): Promise<void> {
  try {
    const trust = await pins();
    const follow = (): Promise<Followed> => followLog({ fetched }, trust, shelf(), new Date().toISOString());
    const found = await follow();
    const older = found.state === "changed" && found.why === SHORTER;
    draw(older ? await pause().then(follow) : found); // a cache on the way may lag by a second
  } catch (error) {
    console.error(error);
    say(at("log-followed"), t("log.not-checked"));
  }
}

/** A file brings what the log signed when it was made: the log that is served here has to continue that, too.

`agreed` is told the served log's size; nothing is said where the file's is another platform's. */
export async function holdAgainst(trust: Trust, note: string, file: string, agreed: (size: bigint) => void): Promise<void> {
  try {
    const hold = (): ReturnType<typeof continued> => continued({ fetched }, trust, note);
    let found = await hold();
    if (found?.why === SHORTER) found = await pause().then(hold); // a cache on the way may lag by a second
    if (found?.why) alarm(t("log.file-forked", { file }), [found.why, note, found.note]);
    else if (found) agreed(found.size);
  } catch (error) {
    console.error(error);
    say(at("log-followed"), t("log.not-checked"));
  }
}
