/** The verdict: twin of backend/records/verdict/verify.py, check by check and word by word.

It fails closed. A check that fails on the way to "this is what the issuer signed and logged" ends
the examination; after that the worst finding is the verdict. */

import { type Bytes, digest, encode, equal } from "./bytes.ts";
import { type Bundle, readBundle, type StatusEvidence } from "./bundle.ts";
import type { Cosigned } from "./cosignatures.ts";
import { check, type Claims } from "./credential.ts";
import { checkSignature, type Jws, parseJws } from "./jws.ts";
import { entryOf, parseLeaf } from "./leaf.ts";
import { checkInclusion, parseProof } from "./log-proof.ts";
import { moment, written } from "./moment.ts";
import { Opened, type OpenedList } from "./opened.ts";
import { bundleIn, isPdf, readSeal, type Seal } from "./printed.ts";
import { ClaimsDisagree, Refused } from "./refusal.ts";
import { PURPOSES, type Purpose } from "./status-list.ts";
import { recordKey, type Trust, type TrustedIssuer, type TrustedKey, whyNotAt } from "./trust.ts";

export const VERDICTS = [
  "valid",
  "status-stale",
  "expired",
  "suspended",
  "revoked",
  "superseded",
  "not-logged",
  "untrusted-key",
  "tampered",
  "unknown",
] as const;
export type Verdict = (typeof VERDICTS)[number];

const CLOCK_SKEW = 120; // seconds
const SET = { revocation: "revoked", suspension: "suspended", refresh: "superseded" } as const;
const WORST_FIRST: Verdict[] = ["revoked", "superseded", "suspended", "expired", "status-stale", "valid"];

export interface Check {
  name: string;
  ok: boolean;
  evidence: string;
}

/** The verdict with each check's evidence; `claims` only once the signature held. */
export interface Outcome {
  verdict: Verdict;
  checks: Check[];
  claims: Claims | null;
  issuer: string | null;
  demonstration: boolean;
  logIndex: bigint | null;
  treeSize: bigint | null;
  /** The note of that tree, signed by the log. */
  checkpoint: string | null;
  /** The oldest of the dates at which the lists used were signed. */
  statusAsOf: string | null;
  /** Of a PDF: the issuer's seal over this very file. */
  seal: Seal | null;
}

export type NewerStatus = Partial<Record<Purpose, StatusEvidence>>;

/** The examination is over: the outcome holds its verdict. */
class Ended extends Error {}

/** For many records under one set of pins: what they share is opened once. */
export class Examiner {
  private readonly trust: Trust;
  private readonly opened: Opened;

  constructor(trust: Trust) {
    this.trust = trust;
    this.opened = new Opened(trust);
  }

  /** `now`: seconds since 1970. `newer`: lists fetched since the bundle was made. */
  async examine(bundle: Bundle, now: number, newer: NewerStatus = {}): Promise<Outcome> {
    const exam = new Examination(bundle, this.trust, this.opened, now);
    try {
      await exam.run(newer);
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
    }
    return exam.outcome;
  }

  /** A bundle's zip as it came, or a PDF with one inside. */
  async examineFile(content: Bytes, now: number, newer: NewerStatus = {}): Promise<Outcome> {
    const printed = isPdf(content);
    let bundle: Bundle;
    try {
      bundle = readBundle(printed ? bundleIn(content) : content);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const checks = [{ name: printed ? "print" : "size", ok: false, evidence: error.message }];
      return { ...nothing(), verdict: "tampered", checks };
    }
    const outcome = await this.examine(bundle, now, newer);
    return printed && outcome.claims ? this.sealed(content, bundle.record, outcome, outcome.claims.id) : outcome;
  }

  /** Whoever changes what the paper shows may leave the bundle untouched: `tampered` all the same. */
  private async sealed(content: Bytes, record: Bytes, outcome: Outcome, id: string): Promise<Outcome> {
    try {
      const seal = await readSeal(content, record, id, this.trust);
      outcome.checks.push({ name: "print", ok: true, evidence: `sha256 ${seal.print_sha256}` });
      return { ...outcome, seal };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      outcome.checks.push({ name: "print", ok: false, evidence: error.message });
      return { ...outcome, verdict: "tampered" };
    }
  }
}

const nothing = (): Outcome => ({
  verdict: "unknown",
  checks: [],
  claims: null,
  issuer: null,
  demonstration: false,
  logIndex: null,
  treeSize: null,
      checkpoint: null,
  statusAsOf: null,
  seal: null,
});

/** Of a record: the size is of the tree that its proof is of, the note that tree's checkpoint. */
interface Place {
  index: bigint;
  size: bigint;
  note: string;
}

class Examination {
  readonly outcome = nothing();
  private readonly found = new Set<Verdict>(["valid"]);
  private readonly bundle: Bundle;
  private readonly trust: Trust;
  private readonly opened: Opened;
  private readonly now: number;

  constructor(bundle: Bundle, trust: Trust, opened: Opened, now: number) {
    this.bundle = bundle;
    this.trust = trust;
    this.opened = opened;
    this.now = now;
  }

  async run(newer: NewerStatus): Promise<void> {
    const jws = this.readHeader();
    const { issuer, key } = this.findKey(jws);
    const sha256 = await digest(this.bundle.record);
    await this.checkSignature(jws, key, sha256);
    const { claims, number } = this.checkClaims(jws, issuer);
    this.checkTimes(claims);
    await this.checkLog(key, claims, number, sha256);
    await this.checkStatus(claims, issuer, number, newer);
    this.outcome.verdict = WORST_FIRST.find((verdict) => this.found.has(verdict)) ?? "unknown";
  }

  private passed(name: string, evidence: string): void {
    this.outcome.checks.push({ name, ok: true, evidence });
  }

  private failed(name: string, evidence: string): void {
    this.outcome.checks.push({ name, ok: false, evidence });
  }

  private ended(name: string, evidence: unknown, verdict: Verdict): Error {
    if (evidence instanceof Error && !(evidence instanceof Refused)) return evidence;
    this.failed(name, evidence instanceof Refused ? evidence.message : String(evidence));
    this.outcome.verdict = verdict;
    return new Ended();
  }

  private readHeader(): Jws {
    let jws: Jws;
    try {
      jws = parseJws(this.bundle.record);
    } catch (error) {
      throw this.ended("header", error, "tampered");
    }
    this.passed("size", `${this.bundle.record.length} bytes`);
    this.passed("header", `${jws.header.alg}, ${jws.header.typ}`);
    return jws;
  }

  private findKey(jws: Jws): { issuer: TrustedIssuer; key: TrustedKey } {
    const found = recordKey(this.trust, jws.header.kid);
    if (!found) throw this.ended("key", jws.header.kid, "untrusted-key");
    this.outcome.issuer = found.issuer.id;
    this.outcome.demonstration = found.issuer.demonstration;
    this.passed("key", jws.header.kid);
    return found;
  }

  private async checkSignature(jws: Jws, key: TrustedKey, sha256: string): Promise<void> {
    try {
      await checkSignature(jws, this.trust.publicKeys.get(key) as CryptoKey);
    } catch (error) {
      throw this.ended("signature", error, "tampered");
    }
    this.passed("signature", `${jws.header.alg}, sha256 ${sha256}`);
  }

  /** The claims, and the number of the record's status list. */
  private checkClaims(jws: Jws, issuer: TrustedIssuer): { claims: Claims; number: number } {
    let claims: Claims;
    try {
      claims = check(jws.payload);
    } catch (error) {
      if (error instanceof ClaimsDisagree) throw this.ended("claims", error, "tampered");
      throw this.ended("schema", error, "unknown");
    }
    if (claims.iss !== issuer.id)
      throw this.ended("claims", "the key belongs to another issuer", "untrusted-key");
    const number = listNumber(claims, issuer);
    if (number === null) throw this.ended("schema", "status list at a foreign address", "unknown");
    this.outcome.claims = claims;
    this.passed("claims", `issuer ${claims.iss}`);
    this.passed("schema", "Open Badges 3.0");
    return { claims, number };
  }

  private checkTimes(claims: Claims): void {
    if (moment(claims.nbf) > this.now + CLOCK_SKEW)
      throw this.ended("times", `not valid before ${claims.validFrom}`, "unknown");
    if (claims.exp !== null && moment(claims.exp) <= this.now) {
      this.found.add("expired");
      this.failed("times", `valid until ${claims.validUntil}`);
    } else {
      this.passed("times", `from ${claims.validFrom} until ${claims.validUntil || "withdrawn"}`);
    }
  }

  private async checkLog(key: TrustedKey, claims: Claims, number: number, sha256: string): Promise<void> {
    let place: Place;
    try {
      place = await this.loggedAt(key, claims, number, sha256);
    } catch (error) {
      throw this.ended("log", error, "not-logged");
    }
    this.outcome.logIndex = place.index;
    this.outcome.treeSize = place.size;
    this.outcome.checkpoint = place.note;
    this.passed("log", `entry ${place.index} of ${place.size} in ${this.trust.origin}`);
    await this.checkWitnesses(place.note);
    const whyNot = whyNotAt(key, place.index);
    if (whyNot) throw this.ended("key-at-index", whyNot, "untrusted-key");
    this.passed("key-at-index", `key announced at entry ${key.fromIndex}`);
  }

  /** Before they are asked for, a word of those that signed; nothing where none did. */
  private async checkWitnesses(note: string): Promise<void> {
    const seen = await this.cosigned(note);
    if (seen.length < this.trust.quorum) throw this.ended("witnesses", this.tooFew(seen), "not-logged");
    const said = seen.map(({ name, at }) => `${name} at ${written(moment(at))}`);
    if (said.length) this.passed("witnesses", `signed by ${said.join(", ")}`);
  }

  /** By whom of the pinned witnesses; a time that is yet to come is nobody's word. */
  private async cosigned(note: string): Promise<Cosigned[]> {
    const found = await this.opened.cosigned(note);
    return found.filter(({ at }) => at <= this.now + CLOCK_SKEW);
  }

  private tooFew(seen: Cosigned[]): string {
    const { quorum, witnesses } = this.trust;
    return `${seen.length} of the ${witnesses.length} pinned witnesses signed this checkpoint, not ${quorum}`;
  }

  private async loggedAt(key: TrustedKey, claims: Claims, number: number, sha256: string): Promise<Place> {
    if (this.bundle.proof === null) throw new Refused("no proof of inclusion");
    const proof = parseProof(this.bundle.proof);
    const checkpoint = await this.opened.checkpoint(proof.note);
    await checkInclusion(proof, checkpoint);
    if (this.bundle.checkpoint !== null && !equal(this.bundle.checkpoint, encode(proof.note)))
      throw new Refused("the checkpoint is not the one the proof ends at");
    const meant = entryOf({
      type: "record.issued",
      ts: claims.validFrom,
      kid: key.kid,
      sha256,
      ref: `${claims.id}#${number}/${claims.credentialStatus.statusListIndex}`,
    });
    if (!equal(proof.entry, encode(meant))) {
      parseLeaf(proof.entry);
      throw new Refused("the proof is of something else");
    }
    return { index: proof.index, size: checkpoint.size, note: proof.note };
  }

  private async checkStatus(
    claims: Claims,
    issuer: TrustedIssuer,
    number: number,
    newer: NewerStatus,
  ): Promise<void> {
    const index = Number(claims.credentialStatus.statusListIndex);
    const used: OpenedList[] = [];
    for (const purpose of PURPOSES) {
      const given = [newer[purpose], this.bundle.status[purpose]].filter((one) => one !== undefined);
      const lists = await this.readable(issuer, purpose, number, given, index);
      const telling = lists.reduce<OpenedList | null>((best, one) => this.tellingOf(best, one, purpose, index), null);
      if (telling) {
        used.push(telling);
        await this.readBit(purpose, telling, index);
      } else {
        this.failed(purpose, "no signed status list at hand");
        this.found.add("status-stale");
      }
    }
    const oldest = used.reduce<OpenedList | null>(
      (first, one) => (first && first.signedAt <= one.signedAt ? first : one),
      null,
    );
    this.outcome.statusAsOf = oldest?.asOf ?? null;
  }

  private async readable(
    issuer: TrustedIssuer,
    purpose: Purpose,
    number: number,
    given: StatusEvidence[],
    index: number,
  ): Promise<OpenedList[]> {
    const lists: OpenedList[] = [];
    for (const evidence of given)
      try {
        const opened = await this.opened.statusList(issuer, purpose, number, evidence);
        opened.bits.at(index);
        lists.push(opened);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        this.failed("status", `${purpose}: ${error.message}`);
      }
    return lists;
  }

  /** A set bit is believed from any signed list; a clear one only from a logged, fresh list. */
  private async readBit(purpose: Purpose, newest: OpenedList, index: number): Promise<void> {
    const seen = newest.note ? await this.cosigned(newest.note) : [];
    if (newest.bits.at(index)) {
      this.found.add(SET[purpose]);
      this.failed(purpose, `${SET[purpose]} as of ${newest.asOf}`);
    } else if (newest.unlogged) {
      this.found.add("status-stale");
      this.failed(purpose, `list of ${newest.asOf} is not in the log: ${newest.unlogged}`);
    } else if (seen.length < this.trust.quorum) {
      this.found.add("status-stale");
      this.failed(purpose, `list of ${newest.asOf}: ${this.tooFew(seen)}`);
    } else if (newest.expiresAt <= this.now || this.isAhead(newest)) {
      this.found.add("status-stale");
      this.failed(purpose, `clear as of ${newest.asOf}, which is not now`);
    } else {
      this.passed(purpose, `clear as of ${newest.asOf}`);
    }
  }

  /** The newest list that is not dated ahead; of two of one second, the one with the bit set.

  Revoked and superseded are final, so there no newer list takes a set bit back. A list that a
  clock signed while it ran ahead is older than it says: it counts where there is no other. */
  private tellingOf(best: OpenedList | null, one: OpenedList, purpose: Purpose, index: number): OpenedList {
    if (!best) return one;
    const rank = (list: OpenedList): number[] => {
      const set = +list.bits.at(index);
      return [purpose === "suspension" ? 0 : set, +!this.isAhead(list), list.signedAt, set];
    };
    const [ours, theirs] = [rank(best), rank(one)];
    const at = ours.findIndex((value, place) => value !== theirs[place]);
    return at >= 0 && (theirs[at] as number) > (ours[at] as number) ? one : best;
  }

  private isAhead(list: OpenedList): boolean {
    return list.signedAt > this.now + CLOCK_SKEW;
  }
}

function listNumber(claims: Claims, issuer: TrustedIssuer): number | null {
  const start = `${issuer.address}/status/revocation/`;
  const address = claims.credentialStatus.statusListCredential;
  const number = address.startsWith(start) ? address.slice(start.length) : "";
  return /^(0|[1-9][0-9]{0,8})$/.test(number) ? Number(number) : null;
}
