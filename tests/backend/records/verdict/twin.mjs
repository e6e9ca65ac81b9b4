// The page's verdict library in node, for tests. One line in, one line out:
// {"blobs": [base64], "ask": name, "cases": [...]} gives [answer]; blobs are numbered from the
// first one ever sent, and cases name them by number. Ends when standard input does.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const frontend = `${process.argv[2]}/backend/web/frontend`;
const ours = (name) => import(pathToFileURL(`${frontend}/src/verdict/${name}.ts`));
const { Examiner } = await ours("verify");
const { parseTrust } = await ours("trust");
const { Refused } = await ours("refusal");
const { readBundle } = await ours("bundle");
const { Bits } = await ours("status-list");
const { ed25519Holds, noteKey, witnessKey } = await ours("notes");
const { cosignedBy } = await ours("cosignatures");
const { checkGrowth } = await ours("growth");
const { verifyInclusion, verifyConsistency } = await ours("merkle");
const { parseCanonical } = await ours("json");
const { KINDS } = await ours("leaf");
const { inChinese } = await ours("evidence");
const { readHolder } = await ours("holder");
const { continued, followLog } = await ours("../kept-checkpoint");
const { canonical } = await ours("json");
const { VERDICTS } = await ours("verify");
const jose = await import(pathToFileURL(createRequire(`${frontend}/package.json`).resolve("jose")));

const blobs = [];
const examiners = new Map();
const blob = (number) => (number === null || number === undefined ? null : blobs[number]);

const parsed = new Map();

async function trusts(number) {
  if (!parsed.has(number)) parsed.set(number, await parseTrust(blob(number)));
  return parsed.get(number);
}

async function examiner(trust) {
  if (!examiners.has(trust)) examiners.set(trust, new Examiner(await parseTrust(blob(trust))));
  return examiners.get(trust);
}

const lists = (status) =>
  Object.fromEntries(
    Object.entries(status ?? {}).map(([purpose, [jws, proof]]) => [
      purpose,
      { jws: blob(jws), proof: blob(proof) },
    ]),
  );

const plain = (outcome) => ({
  verdict: outcome.verdict,
  checks: outcome.checks.map(({ name, ok, evidence }) => [name, ok, evidence]),
  issuer: outcome.issuer,
  demonstration: outcome.demonstration,
  place: outcome.logIndex === null ? null : [String(outcome.logIndex), String(outcome.treeSize)],
  asOf: outcome.statusAsOf,
  number: outcome.claims?.credentialSubject.licenseNumber ?? null,
});

/** What `work` gives, or in which words it is refused. */
async function refusedOr(work) {
  try {
    return { given: await work() };
  } catch (error) {
    if (error instanceof Refused) return { refused: error.message };
    throw error;
  }
}

const inclusion = (of) => ({
  leaf: blob(of.leaf),
  index: BigInt(of.index),
  size: BigInt(of.size),
  proof: of.proof.map(blob),
  root: blob(of.root),
});
const consistency = (of) => ({
  size1: BigInt(of.size1),
  root1: blob(of.root1),
  size2: BigInt(of.size2),
  root2: blob(of.root2),
  proof: of.proof.map(blob),
});

const asks = {
  async examine(of) {
    const bundle = {
      record: blob(of.record),
      proof: blob(of.proof),
      checkpoint: blob(of.checkpoint),
      status: lists(of.status),
    };
    return plain(await (await examiner(of.trust)).examine(bundle, of.now, lists(of.newer)));
  },
  file: async (of) => plain(await (await examiner(of.trust)).examineFile(blob(of.file), of.now)),
  zip: (of) => refusedOr(() => Boolean(readBundle(blob(of.file)))),
  bits: (of) => refusedOr(() => new Bits(of.text).at(of.index)),
  trust: (of) => refusedOr(async () => Boolean(await parseTrust(blob(of.content)))),
  canonical: (of) => refusedOr(() => parseCanonical(blob(of.content)) !== undefined),
  ed25519: (of) => ed25519Holds(blob(of.key), blob(of.signature), blob(of.content), of.native),
  /** `tiles`: blobs by path. */
  growth: (of) =>
    refusedOr(async () => {
      const key = await noteKey(of.key);
      const found = await checkGrowth(of.kept, of.now, key, async (path) => blob(of.tiles[path]));
      return String(found.size);
    }),
  /** When the witness signed a note, in seconds since 1970. */
  cosigned: (of) => refusedOr(async () => String(await cosignedBy(of.note, await witnessKey(of.witness)))),
  /** A file of a holder beside a record: what it says, each value as canonical JSON. */
  holder: (of) =>
    refusedOr(async () => {
      const pins = await trusts(of.trust);
      const held = await readHolder(blob(of.compact), blob(of.record), of.recordId, pins);
      const plain = (value) => refusedOr(() => canonical(value)).then((found) => found.given ?? "beyond");
      const said = [];
      for (const [name, value] of held.said) said.push([name, await plain(value)]);
      return { said: Object.fromEntries(said), issuer: held.issuer, issuedAt: String(held.issuedAt) };
    }),
  /** Visits one after the other by one browser, whose storage is `shelf`: "open", "full" or none. */
  async visits(of) {
    const stored = new Map(Object.entries(of.stored ?? {}));
    const full = () => {
      throw new Error("no room");
    };
    const set = of.shelf === "full" ? full : (name, value) => stored.set(name, value);
    const shelf = of.shelf ? { getItem: (name) => stored.get(name) ?? null, setItem: set } : null;
    const told = [];
    for (const { trust, tiles } of of.visits) {
      const fetched = async (path) => blob(tiles[path]);
      const found = await followLog({ fetched }, await trusts(trust), shelf, "2026-03-02T01:00:00Z");
      told.push(found.why ?? found.state);
    }
    return told;
  },
  /** Of a checkpoint out of a file, by the log that is served. */
  async continued(of) {
    const fetched = async (path) => blob(of.tiles[path]);
    const found = await continued({ fetched }, await trusts(of.trust), of.held);
    return found && (found.why ?? String(found.size));
  },
  inclusion: (of) => verifyInclusion(inclusion(of)),
  consistency: (of) => verifyConsistency(consistency(of)),
  chinese: (of) => inChinese(of.text),
  names: () => ({ kinds: KINDS, verdicts: VERDICTS }),
  async jose(of) {
    const key = await jose.importJWK(of.jwk, of.alg);
    const verified = jose.compactVerify(blob(of.record), key, { algorithms: [of.alg] });
    return verified.then(() => true, () => false);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { blobs: more, ask, cases } = JSON.parse(line);
  blobs.push(...more.map((content) => new Uint8Array(Buffer.from(content, "base64"))));
  const answers = [];
  for (const of of cases) answers.push(await asks[ask](of));
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}
