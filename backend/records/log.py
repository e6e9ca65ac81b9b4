"""Putting entries into the public log and reading what it has become."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid5

from backend.records.tables import LogCheckpoint, LogLeaf, LogPending
from backend.records.verdict.leaf import Kind, Leaf, parse_leaf, timestamp
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.ids import uuid7

_LOCK = 0x6C6F6765  # "loge"
_ONCE = UUID("5b0e9f0a-6a53-4b0c-9c0e-1d8a3f6f2c71")
"""Any fixed UUID: names of entries that are made only once start from it."""
_KNOWN = """
SELECT EXISTS (SELECT FROM log_pending WHERE entry_id = $1)
    OR EXISTS (SELECT FROM log_leaf WHERE entry_id = $1)
"""
_WAIT = """
INSERT INTO log_pending (entry_id, kind, entry, dated_at)
SELECT e, k, b, d::timestamptz
FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[]) WITH ORDINALITY AS t(e, k, b, d, n)
ORDER BY n
"""


async def append(kind: Kind, *, at: datetime, kid: str, sha256: str, ref: str) -> UUID:
    """Hand an entry to the sequencer, in the caller's `UnitOfWork`; it has its place in 1 s."""
    entry_id = uuid7()
    leaf = Leaf(type=kind, ts=timestamp(at), kid=kid, sha256=sha256, ref=ref)
    await _hand_over(entry_id, leaf)
    return entry_id


async def append_once(kind: Kind, *, at: datetime, sha256: str, ref: str) -> bool:
    """False when this was said before: its id follows from what it says."""
    entry_id = uuid5(_ONCE, f"{kind} {ref} {sha256}")
    async with UnitOfWork(DB):
        await connection().execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        if await connection().fetchval(_KNOWN, entry_id):
            return False
        leaf = Leaf(type=kind, ts=timestamp(at), kid="", sha256=sha256, ref=ref)
        await _hand_over(entry_id, leaf)
    return True


async def append_all(leaves: Mapping[UUID, Leaf]) -> None:
    """Hand entries to the sequencer in this order, by their ids, in the caller's `UnitOfWork`."""
    kinds = [leaf.type.value for leaf in leaves.values()]
    entries = [leaf.entry for leaf in leaves.values()]
    dates = [leaf.ts for leaf in leaves.values()]
    await connection().execute(_WAIT, list(leaves), kinds, entries, dates)


async def _hand_over(entry_id: UUID, leaf: Leaf) -> None:
    async with UnitOfWork(DB):
        await append_all({entry_id: leaf})


async def audit_heads() -> dict[int, str]:
    """From the leaves themselves and what waits for its place; for a check by hand, not for every
    request: it looks through the whole log."""
    waiting = await LogPending.select(LogPending.entry).where(LogPending.kind == Kind.AUDIT.value)
    placed = await LogLeaf.select(LogLeaf.entry).where(LogLeaf.kind == Kind.AUDIT.value)
    leaves = [parse_leaf(bytes(row["entry"])) for row in [*placed, *waiting]]
    return {int(leaf.ref.removeprefix("audit/")): leaf.sha256 for leaf in leaves}


async def latest_checkpoint() -> LogCheckpoint | None:
    return await LogCheckpoint.objects().order_by(LogCheckpoint.tree_size, ascending=False).first()
