"""The public log: appending with tiles, checkpoints and proofs, at ten thousand leaves and at five
million. Between the two, rows are filled in as they would have come of it."""

import asyncio
import random
import sys
import time
from dataclasses import dataclass

import asyncpg

from backend.records.keyring import Keyring
from backend.records.repository import log_key_origin
from backend.records.sequencer import CHECKPOINT, Sequencer, settle
from backend.records.tables import LogCheckpoint
from backend.records.verdict.canonical import digest
from backend.records.verdict.leaf import Kind, Leaf, RecordRef, timestamp
from backend.records.verdict.merkle import leaf_hash
from backend.records.verdict.notes import Checkpoint, sign_checkpoint
from backend.records.verdict.proof import Proof
from backend.records.verdict.tiles import TreeHashes
from infra.clock import system_clock
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.ids import uuid7
from tests.bench.records_site import Site, copied, scaled
from tests.bench.rows import Row, interleaved, row

SMALL, LARGE = 10_000, scaled(5_000_000, 50_000)
APPENDED, ROUNDS = scaled(16_384, 4_096), 3
PROOFS = 2_000
_SHARES = 2
_WAITING = ["entry_id", "kind", "entry"]
_LEAVES = """
INSERT INTO log_leaf (leaf_index, entry_id, kind, entry, leaf_hash, sequenced_at)
SELECT i, ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'record.issued', e,
    sha256('\\x00'::bytea || e), now()
FROM (
    SELECT i, convert_to(replace($3, 'NUMBER', lpad(i::text, 12, '0')), 'UTF8') AS e
    FROM generate_series($1::bigint, $2::bigint) AS i
) AS made
"""
_PROOFS = """
INSERT INTO log_proof (entry_id, leaf_index, tree_size, proof)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, i, $2, '-'
FROM generate_series($1::bigint, $2::bigint) AS i
"""


@dataclass(frozen=True)
class Took:
    """Of a leaf: what a second appends, and processor seconds of all parts for one."""

    rate: float
    spent: float


async def log_rows(site: Site) -> list[Row]:
    await settle(site.context)
    sequencer = await _loaded(site)
    await _append(site, sequencer, max(0, SMALL - sequencer._tree.size))
    small = await _measured(site, sequencer)
    began = time.perf_counter()
    await _filled(site, sequencer._tree.size)
    print(f"  {LARGE:,} leaves filled in: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    grown, loading = await _taken_over(site)
    large = await _measured(site, grown)
    # In turns: the processor of a shared machine has its fast minutes.
    proofs = interleaved(
        lambda: _proof_seconds(sequencer), lambda: _proof_seconds(grown), rounds=ROUNDS
    )
    return [
        row(
            "leaves appended, with tiles, checkpoint, proofs and fsync / bare hashing",
            value=small.rate,
            unit="1/s",
            floor=_hashed_per_second(),
            target="value >= 10000",
        ),
        _grown("append of a leaf", small.spent, large.spent),
        _grown("proof of a leaf", *proofs),
        row(
            f"a sequencer takes over a log of {LARGE:,} leaves",
            value=loading,
            unit="s",
            floor=LARGE / _hashed_per_second(),
            target="value <= 30",
        ),
    ]


def _grown(what: str, small: float, large: float) -> Row:
    return row(
        f"{what} at {LARGE:,} / at {SMALL:,}",
        value=large * 1e6,
        unit="µs",
        floor=small * 1e6,
        target="ratio <= 1.5",
    )


async def _loaded(site: Site) -> Sequencer:
    return await Sequencer.load(site.context.objects, Keyring.of(site.settings))


async def _measured(site: Site, sequencer: Sequencer) -> Took:
    rates, spent = [], []
    for _ in range(ROUNDS):
        used, seconds = await _append(site, sequencer, APPENDED)
        rates.append(APPENDED / seconds)
        spent.append(used / APPENDED)
    took = Took(sorted(rates)[ROUNDS // 2], sorted(spent)[ROUNDS // 2])
    print(f"  at {sequencer._tree.size:,} leaves: {took}", file=sys.stderr)
    return took


async def _append(site: Site, sequencer: Sequencer, count: int) -> tuple[float, float]:
    """Processor seconds of all parts, and seconds by the clock. Entries wait as they do after an
    exam day; writing these is not measured."""
    assert await _fsync() == "on"
    rows = [(uuid7(), leaf.type.value, leaf.entry) for leaf in map(_leaf, range(count))]
    await copied(site, "log_pending", _WAITING, rows)
    spent, began = site.spent(), time.perf_counter()
    while await sequencer.round(system_clock()):
        pass
    return site.spent() - spent, time.perf_counter() - began


async def _fsync() -> str:
    async with UnitOfWork(DB):
        return str(await connection().fetchval("SHOW fsync"))


def _leaf(number: int) -> Leaf:
    ref = RecordRef(f"urn:uuid:{uuid7()}", 1, number)
    kid = f"http://127.0.0.1:8000/keys/{'k' * 43}"
    at = timestamp(system_clock())
    return Leaf(type=Kind.ISSUED, ts=at, kid=kid, sha256=digest(ref.text.encode()), ref=ref.text)


def _proof_seconds(sequencer: Sequencer) -> float:
    """Of a leaf anywhere in the tree, written as a file."""
    tree, entry = sequencer._tree, _leaf(0).entry
    note = "n" * 200
    places = [random.randrange(tree.size) for _ in range(PROOFS)]
    started = time.process_time()
    for index in places:
        _ = Proof(index, tree.inclusion(index, tree.size), note, entry).text
    return (time.process_time() - started) / PROOFS


def _hashed_per_second() -> float:
    tree, entries = TreeHashes(), [_leaf(n).entry for n in range(APPENDED)]
    started = time.process_time()
    for entry in entries:
        tree.append(leaf_hash(entry))
    return APPENDED / (time.process_time() - started)


# --- five million -----------------------------------------------------------------------------


async def _filled(site: Site, size: int) -> None:
    """By PostgreSQL itself, on as many connections as there are cores."""
    pattern = _leaf(0).entry.decode()
    start = pattern.index("urn:uuid:") + len("urn:uuid:") + 24
    pattern = f"{pattern[:start]}NUMBER{pattern[start + 12 :]}"
    share = -(-(LARGE - size) // _SHARES)
    firsts = range(size, LARGE, share)
    await asyncio.gather(
        *(_fill(site.owner, at, min(at + share, LARGE) - 1, pattern) for at in firsts)
    )
    database = await asyncpg.connect(site.owner)
    await database.execute("VACUUM (ANALYZE) log_leaf, log_proof")
    await database.close()


async def _fill(owner: str, first: int, last: int, pattern: str) -> None:
    database = await asyncpg.connect(owner)
    try:
        await database.execute(_LEAVES, first, last, pattern)
        await database.execute(_PROOFS, first, last)
    finally:
        await database.close()


async def _taken_over(site: Site) -> tuple[Sequencer, float]:
    """As another process begins where one has ended: it reads all rows. What was filled in is
    signed meanwhile, as the one that appended it would have."""
    keyring, objects = Keyring.of(site.settings), site.context.objects
    origin = await log_key_origin()
    found = Sequencer(objects, keyring, origin)
    before = site.spent()
    await found._read_rows()
    taken = site.spent() - before
    size, root = found._tree.size, found._tree.root(found._tree.size)
    note = sign_checkpoint(Checkpoint(origin, size, root), keyring.log())
    signed = LogCheckpoint(tree_size=size, root=root, note=note, signed_at=system_clock())
    await LogCheckpoint.insert(signed)
    await objects.put_bytes(CHECKPOINT, note.encode(), "text/plain")
    found._published = await found._healed()
    return found, taken
