/** Exam attempts as the API has them. */

import { Problem, call, get, post } from "../api.ts";
import { deviceId } from "../device.ts";
import type { Answer, ShownItem } from "../items/types.ts";
import type { Kept, Verdict } from "./saver.ts";

export interface Outcome {
  /** null while people still mark. */
  score: number | null;
  passMark: number;
  passed: boolean | null;
  awaitingMarks: boolean;
  submittedAt: string;
  recordDue: boolean;
  failedModules: string[];
  /** Where a correction has raised it since. */
  firstScore: number | null;
}

export interface Attempt {
  id: string;
  number: number;
  state: "open" | "submitted" | "expired";
  dueAt: string;
  serverTime: string;
  extraMinutes: number;
  items: ShownItem[];
  /** As saved so far, on whatever device. */
  answers: { position: number; sequence: number; answer: Answer }[];
  /** Of this device's turn, to be sent along with answers; null where it has not taken the attempt up. */
  sitting: number | null;
  nextSequence: number | null;
  /** null while it is open. */
  result: Outcome | null;
}

export interface PastAttempt {
  id: string;
  number: number;
  state: Attempt["state"];
  startedAt: string;
  endedAt: string | null;
  score: number | null;
  passed: boolean | null;
  /** Where a correction has raised it since. */
  firstScore: number | null;
}

/** Newest first. */
export const history = async (enrolmentId: string): Promise<PastAttempt[]> =>
  (await get<{ items: PastAttempt[] }>(`/v1/attempts?enrolmentId=${enrolmentId}`)).items;

/** A new attempt, or the open one, which goes on here. Where too many begin at once it waits and asks again. */
export async function begin(enrolmentId: string, waits: (why: Problem) => void): Promise<Attempt> {
  for (;;) {
    try {
      return await post("/v1/attempts", { enrolmentId, deviceId: deviceId() });
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "exam-rush") throw error;
      waits(error);
      const seconds = (error.again ?? 5) * (1 + Math.random()); // not all of them together again
      await new Promise((goOn) => setTimeout(goOn, seconds * 1000));
    }
  }
}

/** It goes on here; another device that had it hears so when it next saves. */
export const takeUp = (id: string): Promise<Attempt> =>
  post(`/v1/attempts/${id}/sittings`, { deviceId: deviceId() });

export const look = (id: string): Promise<Attempt> => get(`/v1/attempts/${id}`);

const sent = (attempt: Attempt, kept: Kept[]): object => ({
  sitting: attempt.sitting,
  answers: kept.map(({ position, sequence, answer, spentMs }) => ({ position, sequence, answer, spentMs })),
});

export const save = (attempt: Attempt, batch: Kept[], closing: boolean): Promise<{ answers: Verdict[]; serverTime: string }> =>
  call("PUT", `/v1/attempts/${attempt.id}/answers`, sent(attempt, batch), closing);

/** Again answers the same. */
export const submit = (attempt: Attempt, unsent: Kept[]): Promise<Outcome> =>
  post(`/v1/attempts/${attempt.id}/submission`, sent(attempt, unsent));
