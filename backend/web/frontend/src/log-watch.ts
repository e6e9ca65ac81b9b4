/** On a record's page: whether the public log only grew since this browser's last visit. */

import { at, say, show } from "./dom.ts";
import { instant } from "./format.ts";
import { type Followed, followLog, OTHER_LOG, type Shelf } from "./kept-checkpoint.ts";
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

function draw(found: Followed): void {
  const line = at("log-followed");
  if (found.state === "changed") {
    at("log-changed-words").textContent = t(WORDS[found.why] ?? "log.unproved", { at: found.kept ? instant(found.kept.at) : "—" });
    at("log-proof").textContent = [found.why, found.kept?.note, found.note].filter(Boolean).join("\n\n");
    show(at("log-changed"));
    document.body.dataset["log"] = "changed"; // nothing green beside it
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
