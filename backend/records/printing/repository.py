"""Rows of records that are to be printed. Inside an open `UnitOfWork`."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from infra.database import connection

_ROW = """
SELECT c.id, c.number, c.code, c.jws, c.facts, c.holder_sealed, c.kid, c.demonstration,
       c.status_list, c.status_index, c.issued_at, c.valid_until, p.proof, p.leaf_index,
       latest.kind IN ('issued', 'reinstated') AS in_force
FROM completion_record c JOIN log_proof p ON p.entry_id = c.entry_id
CROSS JOIN LATERAL (
    SELECT kind FROM record_event WHERE record = c.id ORDER BY position DESC LIMIT 1
) latest
WHERE octet_length(c.holder_sealed) > 0
"""
_OWN = f"{_ROW} AND c.learner_id = $1 AND (c.id = $2 OR c.due = $2)"
_NEWEST = f"""
SELECT DISTINCT ON (learner_id) found.* FROM (
    {_ROW.replace("SELECT c.id", "SELECT c.learner_id, c.id")}
    AND c.learner_id = ANY($1::uuid[]) AND c.programme = $2
) found
WHERE in_force ORDER BY learner_id, issued_at DESC
"""


class Row(msgspec.Struct, frozen=True):
    """A record in the log whose holder's name is known."""

    id: UUID
    number: str
    code: str
    jws: bytes
    facts: bytes
    holder_sealed: bytes
    kid: str
    demonstration: bool
    status_list: int
    status_index: int
    issued_at: datetime
    valid_until: datetime | None
    proof: str
    leaf_index: int
    in_force: bool


async def own(learner_id: UUID, record_id: UUID) -> Row | None:
    """By the id of the record, or of what it was due for."""
    row = await connection().fetchrow(_OWN, learner_id, record_id)
    return msgspec.convert(dict(row), Row) if row else None


async def newest(people: Collection[UUID], programme: str) -> list[Row]:
    """Of each of these people the newest record of the programme that is in force, if any."""
    rows = await connection().fetch(_NEWEST, list(people), programme)
    return [msgspec.convert(dict(row), Row) for row in rows]
