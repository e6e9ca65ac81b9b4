"""Rows of records as the ways to check look them up. Inside an open `UnitOfWork`."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from infra.database import connection

_HOLDER = """
SELECT c.id, c.learner_id, c.holder_sealed FROM completion_record c
JOIN log_proof p ON p.entry_id = c.entry_id WHERE c.number = $1
"""
_BUNDLES = """
SELECT c.id, c.number, c.code, c.programme, c.demonstration, c.jws, c.status_list, c.issued_at,
       c.valid_until, p.proof,
       ARRAY(SELECT kind FROM record_event WHERE record = c.id ORDER BY position) AS kinds
FROM completion_record c JOIN log_proof p ON p.entry_id = c.entry_id
WHERE c.number = ANY($1::text[]) OR c.code = ANY($1::text[]) OR c.id = ANY($2::uuid[])
"""
_STANDINGS = """
SELECT DISTINCT ON (c.learner_id) c.learner_id, c.number, c.valid_until,
       latest.kind IN ('issued', 'reinstated') AS in_force
FROM completion_record c CROSS JOIN LATERAL (
    SELECT kind FROM record_event WHERE record = c.id ORDER BY position DESC LIMIT 1
) latest
WHERE c.learner_id = ANY($1::uuid[]) AND c.programme = ANY($2::text[]) AND NOT c.demonstration
ORDER BY c.learner_id, (latest.kind IN ('issued', 'reinstated')) DESC,
         c.valid_until DESC NULLS FIRST, c.issued_at DESC
"""


class HolderRow(msgspec.Struct, frozen=True):
    id: UUID
    learner_id: UUID
    holder_sealed: bytes


async def holder_row(number: str) -> HolderRow | None:
    """None, too, of a record that is not in the log yet."""
    row = await connection().fetchrow(_HOLDER, number)
    return msgspec.convert(dict(row), HolderRow) if row else None


class StandingRow(msgspec.Struct, frozen=True):
    learner_id: UUID
    number: str
    valid_until: datetime | None
    in_force: bool


async def standings(people: Collection[UUID], programmes: Collection[str]) -> list[StandingRow]:
    """The best record of each of these people: in force before not, the one that lasts longest."""
    rows = await connection().fetch(_STANDINGS, list(people), list(programmes))
    return [msgspec.convert(dict(row), StandingRow) for row in rows]


class BundleRow(msgspec.Struct, frozen=True):
    """A record in the log, with its proof and what happened to it, oldest first."""

    id: UUID
    number: str
    code: str
    programme: str
    demonstration: bool
    jws: bytes
    status_list: int
    issued_at: datetime
    valid_until: datetime | None
    proof: str
    kinds: list[str]


async def bundle_rows(names: Collection[str], ids: Collection[UUID]) -> list[BundleRow]:
    """By number or code, and by id."""
    if not names and not ids:
        return []
    rows = await connection().fetch(_BUNDLES, list(names), list(ids))
    return [msgspec.convert(dict(row), BundleRow) for row in rows]
