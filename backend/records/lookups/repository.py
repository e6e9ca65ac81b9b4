"""Rows of records as the ways to check look them up. Inside an open `UnitOfWork`."""

from uuid import UUID

import msgspec

from infra.database import connection

_HOLDER = """
SELECT c.id, c.learner_id, c.holder_sealed FROM completion_record c
JOIN log_proof p ON p.entry_id = c.entry_id WHERE c.number = $1
"""


class HolderRow(msgspec.Struct, frozen=True):
    id: UUID
    learner_id: UUID
    holder_sealed: bytes


async def holder_row(number: str) -> HolderRow | None:
    """None, too, of a record that is not in the log yet."""
    row = await connection().fetchrow(_HOLDER, number)
    return msgspec.convert(dict(row), HolderRow) if row else None
