/** What many records share, opened once for one set of pins: checkpoints, status lists.

Remembered by the exact bytes; a refusal is never remembered, and what is oldest is dropped. */

import { type Bytes, digest } from "./bytes.ts";
import type { StatusEvidence } from "./bundle.ts";
import { type Cosigned, cosignedBy } from "./cosignatures.ts";
import { checkSignature, parseJws } from "./jws.ts";
import { parseLeaf } from "./leaf.ts";
import { checkInclusion, parseProof } from "./log-proof.ts";
import { moment, written } from "./moment.ts";
import { type Checkpoint, openCheckpoint } from "./notes.ts";
import { Refused } from "./refusal.ts";
import { Bits, parseStatus, type Purpose } from "./status-list.ts";
import { statusKey, type Trust, type TrustedIssuer, type TrustedKey, whyNotAt } from "./trust.ts";

const MOST = 64;

/** A list whose signature holds. Times in seconds since 1970. */
export interface OpenedList {
  bits: Bits;
  signedAt: number;
  expiresAt: number;
  asOf: string;
  /** Why it does not count as published; null when its inclusion is proved. */
  unlogged: string | null;
  /** The checkpoint that its proof ends at; empty where it is not logged. */
  note: string;
}

async function remembered<T>(memory: Map<string, T>, key: string, made: () => Promise<T>): Promise<T> {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const found = await made();
  memory.set(key, found);
  if (memory.size > MOST) memory.delete(memory.keys().next().value as string);
  return found;
}

export class Opened {
  private readonly notes = new Map<string, Checkpoint>();
  private readonly signed = new Map<string, Cosigned[]>();
  private readonly lists = new Map<string, OpenedList>();
  private readonly hashes = new WeakMap<Bytes, Promise<string>>();
  private readonly trust: Trust;

  constructor(trust: Trust) {
    this.trust = trust;
  }

  checkpoint(note: string): Promise<Checkpoint> {
    return remembered(this.notes, note, () => openCheckpoint(note, this.trust.log));
  }

  /** Who of the pinned witnesses signed this checkpoint, and when by their own clocks. */
  cosigned(note: string): Promise<Cosigned[]> {
    return remembered(this.signed, note, async () => {
      const found: Cosigned[] = [];
      for (const witness of this.trust.witnesses) {
        const at = await cosignedBy(note, witness);
        if (at !== null) found.push({ name: witness.name, at });
      }
      return found;
    });
  }

  /** Refused unless a trusted key signed it for this very place. */
  async statusList(
    issuer: TrustedIssuer,
    purpose: Purpose,
    number: number,
    { jws, proof }: StatusEvidence,
  ): Promise<OpenedList> {
    const sha256 = await this.digest(jws);
    const place = [issuer.id, issuer.address, purpose, number];
    const known = JSON.stringify([...place, sha256, await this.digest(proof)]);
    return remembered(this.lists, known, () => this.open(issuer, purpose, number, { jws, proof }, sha256));
  }

  /** Of what is the same for many records; nobody changes it in place. */
  private digest(content: Bytes): Promise<string> {
    const hash = this.hashes.get(content) ?? digest(content);
    this.hashes.set(content, hash);
    return hash;
  }

  private async open(
    issuer: TrustedIssuer,
    purpose: Purpose,
    number: number,
    evidence: StatusEvidence,
    sha256: string,
  ): Promise<OpenedList> {
    const jws = parseJws(evidence.jws);
    const key = statusKey(this.trust, issuer.id, jws.header.kid);
    if (!key) throw new Refused(`signed by a key that is not trusted: ${jws.header.kid}`);
    await checkSignature(jws, this.trust.publicKeys.get(key) as CryptoKey);
    const ref = `status/${purpose}/${number}`;
    const place = { issuer: issuer.id, address: `${issuer.address}/${ref}`, purpose };
    const status = parseStatus(jws.payload, place);
    const bits = new Bits(status.credentialSubject.encodedList);
    const asOf = written(moment(status.nbf));
    return {
      bits,
      signedAt: Number(status.nbf),
      expiresAt: Number(status.exp),
      asOf,
      ...(await this.loggedUnder(evidence.proof, { sha256, kid: key.kid, ref }, key)),
    };
  }

  /** The note that its proof ends at, and why the list does not count as published. */
  private async loggedUnder(
    content: Bytes,
    meant: { sha256: string; kid: string; ref: string },
    key: TrustedKey,
  ): Promise<{ note: string; unlogged: string | null }> {
    try {
      const proof = parseProof(content);
      await checkInclusion(proof, await this.checkpoint(proof.note));
      const leaf = parseLeaf(proof.entry);
      const same = leaf.sha256 === meant.sha256 && leaf.kid === meant.kid && leaf.ref === meant.ref;
      if (leaf.type !== "status.published" || !same)
        return { note: "", unlogged: "its proof is of something else" };
      return { note: proof.note, unlogged: whyNotAt(key, proof.index) };
    } catch (error) {
      if (error instanceof Refused) return { note: "", unlogged: error.message };
      throw error;
    }
  }
}
