"""Putting entries into the public log and reading what it has become."""

from datetime import datetime
from uuid import UUID

from backend.records.tables import LogCheckpoint, LogPending
from backend.records.verdict.leaf import Kind, Leaf, timestamp
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7


async def append(kind: Kind, *, at: datetime, kid: str, sha256: str, ref: str) -> UUID:
    """Hand an entry to the sequencer, in the caller's `UnitOfWork`; it has its place in 1 s."""
    leaf = Leaf(type=kind, ts=timestamp(at), kid=kid, sha256=sha256, ref=ref)
    entry_id = uuid7()
    async with UnitOfWork(DB):
        await LogPending.insert(LogPending(entry_id=entry_id, kind=kind, entry=leaf.entry))
    return entry_id


async def latest_checkpoint() -> LogCheckpoint | None:
    return await LogCheckpoint.objects().order_by(LogCheckpoint.tree_size, ascending=False).first()
