"""Rows of witnesses and what they signed. Inside an open `UnitOfWork`."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.records.cosigning.domain import CosignedNote, Standing, Witness
from backend.records.tables import LogCosignature, LogWitness
from backend.records.verdict.trust import MAX_WITNESSES
from infra.database import connection
from infra.ids import uuid7

_LOCK = 0x7769746E  # "witn"
# A removed witness's lines are left out: a note has room for sixteen signatures.
_NOTES = """
SELECT c.tree_size, c.note, array_agg(s.line ORDER BY w.added_at, w.id) AS lines
FROM (SELECT tree_size, witness, line FROM log_cosignature
      WHERE tree_size > $1 AND tree_size <= $2 ORDER BY tree_size DESC LIMIT $3) s
JOIN log_witness w ON w.id = s.witness AND w.removed_at IS NULL
JOIN log_checkpoint c ON c.tree_size = s.tree_size
GROUP BY c.tree_size, c.note ORDER BY c.tree_size
"""
_STANDING = """
SELECT w.name, w.vkey, l.tree_size AS size, l.at FROM log_witness w
LEFT JOIN LATERAL (
    SELECT tree_size, at FROM log_cosignature WHERE witness = w.id ORDER BY tree_size DESC LIMIT 1
) l ON true
WHERE w.removed_at IS NULL ORDER BY w.added_at, w.id
"""
_END = 2**63 - 1


async def lock() -> None:
    """Until the transaction ends nobody else adds or removes a witness."""
    await connection().execute("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def witnesses() -> list[Witness]:
    """Those registered now, in the order in which they came."""
    rows = (
        await LogWitness.select()
        .where(LogWitness.removed_at.is_null())
        .order_by(LogWitness.added_at, LogWitness.id)
    )
    return msgspec.convert(rows, list[Witness])


async def standing() -> list[Standing]:
    """Of those registered now, in the order in which they came."""
    return msgspec.convert(
        [dict(row) for row in await connection().fetch(_STANDING)], list[Standing]
    )


async def ever(vkey: str) -> Witness | None:
    row = await LogWitness.select().where(LogWitness.vkey == vkey).first()
    return msgspec.convert(row, Witness) if row else None


async def add(name: str, vkey: str, *, now: datetime) -> UUID:
    row = LogWitness(id=uuid7(), name=name, vkey=vkey, added_at=now, removed_at=None)
    await LogWitness.insert(row)
    return row.id


async def set_removed(witness_id: UUID, removed_at: datetime | None) -> None:
    await LogWitness.update({LogWitness.removed_at: removed_at}).where(LogWitness.id == witness_id)


async def keep(witness: Witness, size: int, *, at: datetime, line: str, now: datetime) -> None:
    """The first line of this witness for this size stays."""
    row = LogCosignature(
        id=uuid7(), tree_size=size, witness=witness.id, at=at, line=line, received_at=now
    )
    await LogCosignature.insert(row).on_conflict(action="DO NOTHING")


async def cosigned(*, after: int = 0, until: int = _END, most: int = 16) -> list[CosignedNote]:
    """The newest `most` at most, of more than `after` leaves and no more than `until`; by size."""
    rows = await connection().fetch(_NOTES, after, until, most * MAX_WITNESSES)
    notes = [
        CosignedNote(row["tree_size"], row["note"] + "".join(row["lines"]), len(row["lines"]))
        for row in rows
    ]
    return notes[-most:]
