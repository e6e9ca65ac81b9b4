/** What the API tells those who decide about records. */

import type { Title } from "./types.ts";

/** Why the reader may not. */
export interface Refusal {
  code: string;
  words: Title;
}

export interface Proposal {
  id: string;
  recordId: string;
  number: string;
  title: Title;
  state: RecordCase["state"];
  demonstration: boolean;
  reason: string;
  evidence: string | null;
  proposer: string | null;
  proposedAt: string;
  own: boolean;
  refused: Refusal | null;
}

export interface Decision {
  id: string;
  recordId: string;
  number: string;
  title: Title;
  kind: "suspended" | "reinstated" | "revoked" | "superseded" | "declined";
  at: string;
  reason: string | null;
  declinedBecause: string | null;
  reviewBy: string | null;
  by: string[];
}

export type Act = "suspend" | "reinstate" | "revoke" | "correct";

export interface RecordCase {
  recordId: string;
  number: string;
  code: string;
  title: Title;
  programme: string;
  edition: string;
  holder: string;
  issuedAt: string;
  validUntil: string | null;
  demonstration: boolean;
  state: "issued" | "suspended" | "revoked" | "superseded";
  supersededBy: string | null;
  story: Decision[];
  proposal: Proposal | null;
  choices: { act: Act; refused: Refusal | null }[];
  url: string;
}
