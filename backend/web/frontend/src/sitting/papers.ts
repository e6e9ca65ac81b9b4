/**
 * The paper of an exam under way, as its learner sees it, kept on this device until it is handed in:
 * a phone that reloads without a network goes on. Another's is never shown.
 */

import { learnerHere } from "../along.ts";
import { dropShell, keepShell } from "../shell.ts";
import { type Attempt, save } from "./attempts.ts";
import type { Kept } from "./saver.ts";
import { drop } from "./shelf.ts";
import { forgetSitter, noteSitter, sitterHere } from "./sitter.ts";
import { ofAttempt, read, write } from "./store.ts";

/** Told to the page whose exam it was. */
export const LEFT = "guanbiao.left";

interface Paper {
  /** Of the attempt. */
  id: string;
  learner: string;
  programme: string;
  attempt: Attempt;
  /** By this device's clock, when the server's was `attempt.serverTime`. */
  at: number;
}

/** With the page that shows it. */
export async function keepPaper(learner: string, programme: string, attempt: Attempt): Promise<void> {
  const paper: Paper = { id: attempt.id, learner, programme, attempt, at: Date.now() };
  await write(["papers"], (at) => at("papers").put(paper));
  noteSitter(learner);
  if ("serviceWorker" in navigator && "caches" in window) await keepShell();
}

const papers = (): Promise<Paper[]> => read("papers");

/** As it stands by now; null where there is none of whoever was last signed in. */
export async function paperHere(programme: string): Promise<Attempt | null> {
  const mine = (await papers()).filter((one) => one.learner === sitterHere() && one.programme === programme);
  const paper = mine.sort((a, b) => b.at - a.at)[0];
  if (!paper) return null;
  const { attempt, at } = paper;
  const standing = new Map(attempt.answers.map((one) => [one.position, one]));
  for (const one of await read<Kept>("saved", ofAttempt(attempt.id)))
    if (one.sequence > (standing.get(one.position)?.sequence ?? 0)) standing.set(one.position, one);
  const serverTime = new Date(Date.parse(attempt.serverTime) + Date.now() - at).toISOString();
  return { ...attempt, answers: [...standing.values()], serverTime };
}

const remove = (attempts: Iterable<string>): Promise<void> =>
  write(["answers", "saved", "papers"], (at) => {
    for (const one of attempts) {
      at("papers").delete(one);
      at("answers").delete(ofAttempt(one));
      at("saved").delete(ofAttempt(one));
      localStorage.removeItem(`guanbiao.desk.${one}`);
    }
  });

/** The attempt is over: its answers are evidence on the server, and nobody else's business here. */
export async function clear(attempt: string): Promise<void> {
  await remove([attempt]);
  if ((await papers()).length === 0) await forgetAll();
}

async function forgetAll(): Promise<void> {
  forgetSitter();
  if (!learnerHere()) await dropShell();
}

/** Somebody else is signed in: what another left here goes, but for answers that may yet be sent. */
export async function clearAway(learner: string): Promise<void> {
  const unsent = new Set((await read<Kept>("answers")).map((one) => one.attempt));
  const others = (await papers()).filter((one) => one.learner !== learner);
  const over = (one: Paper): boolean => Date.parse(one.attempt.dueAt) + 60_000 < Date.now();
  await remove(others.filter((one) => !unsent.has(one.id) || over(one)).map((one) => one.id));
  noteSitter(learner);
}

/** Of this learner; what has no paper is of whoever is here. */
async function mine(learner: string): Promise<{ attempts: Set<string>; unsent: Kept[]; papers: Paper[] }> {
  const [kept, every] = await Promise.all([read<Kept>("answers"), papers()]);
  const others = new Set(every.filter((one) => one.learner !== learner).map((one) => one.id));
  const unsent = kept.filter((one) => !others.has(one.attempt));
  const own = every.filter((one) => one.learner === learner);
  return { attempts: new Set([...own, ...unsent.map((one) => ({ id: one.attempt }))].map((one) => one.id)), unsent, papers: own };
}

/** Sends what waits, as far as it can. False where something is left and the learner would stay. */
export async function mayLeave(learner: string, really: (count: number) => boolean): Promise<boolean> {
  for (const { attempt } of (await mine(learner)).papers) {
    const waiting = await read<Kept>("answers", ofAttempt(attempt.id));
    if (waiting.length) await save(attempt, waiting, false).then(() => drop(waiting, () => true), console.error);
  }
  const left = (await mine(learner)).unsent.length;
  return left === 0 || really(left);
}

/** Nothing of this learner stays behind. */
export async function leave(learner: string): Promise<void> {
  dispatchEvent(new Event(LEFT));
  await remove((await mine(learner)).attempts);
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("guanbiao.sitting.")) sessionStorage.removeItem(key);
  if ((await papers()).length) noteSitter("");
  else await forgetAll();
}
