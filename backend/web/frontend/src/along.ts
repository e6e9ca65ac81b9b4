/** Whose lessons this browser holds: asked on every page, so it costs no more than a look. */

import { el } from "./dom.ts";

const LEARNER = "guanbiao.taken-along";

/** The learner who last took something along here and has not signed out. */
export const learnerHere = (): string | null => localStorage.getItem(LEARNER);

export const noteLearner = (learner: string): void => localStorage.setItem(LEARNER, learner);

/** Hands in what waits and says what came of it above the page; the rest is fetched only then. */
export async function catchUp(learner: string): Promise<void> {
  if (!learnerHere()) return;
  if (learnerHere() !== learner) await clearAway(learnerHere()!);
  noteLearner(learner); // the device goes by whoever is signed in
  const { handIn } = await import("./handing-in.ts");
  const outcome = await handIn(learner);
  if (!outcome?.words) return;
  document.querySelector("main")?.prepend(el("p", { id: "caught-up", class: "note", role: "status" }, outcome.words));
}

/** Somebody else is signed in: what another left here goes, but for what is not handed in yet. */
async function clearAway(other: string): Promise<void> {
  const [{ allDone, allTaken, forgetTaken }, { dropFiles }] = await Promise.all([
    import("./taken-store.ts"),
    import("./taken-files.ts"),
  ]);
  const unsent = new Set((await allDone(other)).map((one) => one.key));
  for (const lesson of (await allTaken(other)).filter((one) => !unsent.has(one.key))) {
    await forgetTaken(lesson, []);
    await dropFiles(lesson.lease.id);
  }
}

/** Hands in what it can, then nothing of anybody is left. False where the learner would rather stay. */
export async function leaveNothing(really: (count: number) => boolean): Promise<boolean> {
  const learner = learnerHere();
  if (!learner) return true;
  const [{ handIn }, { allDone, wipe }, { FILES }, { dropShell }] = await Promise.all([
    import("./handing-in.ts"),
    import("./taken-store.ts"),
    import("./taken-files.ts"),
    import("./shell.ts"),
  ]);
  await handIn(learner).catch(() => null);
  const left = (await allDone(learner)).length;
  if (left && !really(left)) return false;
  localStorage.removeItem(LEARNER);
  await Promise.all([wipe(), caches.delete(FILES), dropShell()]);
  return true;
}
