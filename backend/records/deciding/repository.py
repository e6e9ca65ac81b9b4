"""Rows of proposals and decisions. Inside an open `UnitOfWork`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.records.domain import NoSuchRecord
from backend.records.tables import RevocationProposal
from infra.database import connection

MOST_COUNTED = 100
"""Open proposals are counted up to here."""
_OPEN = """
SELECT p.id, p.record AS record_id, c.number, c.facts, c.learner_id AS holder_id, c.demonstration,
       p.reason, p.evidence_sealed, p.proposer_id, p.proposed_at
FROM revocation_proposal p JOIN completion_record c ON c.id = p.record
WHERE p.state = 'proposed' AND ($1::uuid IS NULL OR p.id < $1)
  AND ($2::uuid IS NULL OR p.record = $2) ORDER BY p.id DESC LIMIT $3
"""
_FOR_SECOND = """
SELECT count(*) FROM (
    SELECT FROM revocation_proposal p JOIN completion_record c ON c.id = p.record
    WHERE p.state = 'proposed' AND p.proposer_id <> $1 AND c.learner_id <> $1
      AND (c.demonstration OR $2) LIMIT $3
) AS waiting
"""
_EVENTS = """
SELECT e.id, e.record, e.kind::text AS kind, e.at, e.reason::text AS reason,
       NULL::text AS declined_because, e.review_by, e.proposer_id, e.approver_id AS second_id
FROM record_event e WHERE e.kind <> 'issued'
"""
_DECLINED = """
SELECT p.id, p.record, 'declined', p.decided_at AS at, p.reason::text, p.declined_because::text,
       NULL::date, p.proposer_id, p.declined_by
FROM revocation_proposal p WHERE p.state = 'declined'
"""
_WITH_RECORD = """
SELECT d.id, d.record AS record_id, c.number, c.facts, d.kind, d.at, d.reason,
       d.declined_because, d.review_by, d.proposer_id, d.second_id
FROM decision d JOIN completion_record c ON c.id = d.record
"""
# A page of each by its index, then the page of both: decisions are kept for good.
_LATELY = f"""
WITH cursor AS (
    SELECT at, id FROM record_event WHERE id = $1
    UNION ALL SELECT decided_at, id FROM revocation_proposal WHERE id = $1
), decision AS (
    ({_EVENTS} AND ($1::uuid IS NULL OR (e.at, e.id) < (SELECT at, id FROM cursor))
     ORDER BY e.at DESC, e.id DESC LIMIT $2)
    UNION ALL
    ({_DECLINED} AND ($1::uuid IS NULL OR (p.decided_at, p.id) < (SELECT at, id FROM cursor))
     ORDER BY p.decided_at DESC, p.id DESC LIMIT $2)
)
{_WITH_RECORD} ORDER BY d.at DESC, d.id DESC LIMIT $2
"""
_OF_RECORD = f"""
WITH decision AS ({_EVENTS} AND e.record = $1 UNION ALL {_DECLINED} AND p.record = $1)
{_WITH_RECORD} ORDER BY d.at, d.id
"""
# By the day of review, and those without one after all that have one, the oldest first.
_SUSPENDED = """
WITH suspended AS (
    SELECT e.id, e.record, e.at, e.reason, e.review_by, e.proposer_id,
           coalesce(e.review_by, 'infinity'::date) AS due
    FROM record_event e WHERE e.kind = 'suspended' AND NOT EXISTS (
        SELECT FROM record_event later
        WHERE later.record = e.record AND later.position > e.position AND later.kind <> 'issued'
    )
)
SELECT s.id, s.record AS record_id, c.number, c.facts, 'suspended' AS kind, s.at, s.reason,
       NULL::text AS declined_because, s.review_by, s.proposer_id, NULL::uuid AS second_id
FROM suspended s JOIN completion_record c ON c.id = s.record
WHERE $1::uuid IS NULL OR (s.due, s.id) > (
    SELECT coalesce(review_by, 'infinity'::date), id FROM record_event WHERE id = $1
)
ORDER BY s.due, s.id LIMIT $2
"""


class OpenProposal(msgspec.Struct, frozen=True, kw_only=True):
    """A revocation that one person proposed and nobody has decided on."""

    id: UUID
    record_id: UUID
    number: str
    facts: bytes
    holder_id: UUID
    demonstration: bool
    reason: str
    evidence_sealed: bytes | None
    proposer_id: UUID
    proposed_at: datetime


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a record after its issue, or a proposal that was declined."""

    id: UUID
    record_id: UUID
    number: str
    facts: bytes
    kind: str
    at: datetime
    reason: str | None
    declined_because: str | None
    review_by: date | None
    proposer_id: UUID | None
    second_id: UUID | None


async def lock_proposal(proposal_id: UUID) -> RevocationProposal:
    """Until the transaction ends nobody else decides on it. NoSuchRecord."""
    found = (
        await RevocationProposal.objects()
        .where(RevocationProposal.id == proposal_id)
        .lock_rows("NO KEY UPDATE")
        .first()
    )
    if found is None:
        raise NoSuchRecord
    return found


async def open_proposals(
    *, before: UUID | None = None, record_id: UUID | None = None, limit: int
) -> list[OpenProposal]:
    """The newest first."""
    rows = await connection().fetch(_OPEN, before, record_id, limit)
    return msgspec.convert([dict(row) for row in rows], list[OpenProposal])


async def open_proposal_of(record_id: UUID) -> UUID | None:
    row = (
        await RevocationProposal.select(RevocationProposal.id)
        .where(RevocationProposal.record == record_id, RevocationProposal.state == "proposed")
        .first()
    )
    return row["id"] if row else None


async def waiting_for(person_id: UUID, *, proven: bool) -> int:
    """Open proposals on which this person could be the second; counting stops at a hundred."""
    return int(await connection().fetchval(_FOR_SECOND, person_id, proven, MOST_COUNTED))


async def decided_lately(before: UUID | None, limit: int) -> list[Decided]:
    """The newest first."""
    return _decided(await connection().fetch(_LATELY, before, limit))


async def decided_about(record_id: UUID) -> list[Decided]:
    """Oldest first."""
    return _decided(await connection().fetch(_OF_RECORD, record_id))


async def suspended_now(after: UUID | None, limit: int) -> list[Decided]:
    """Those first that are to be looked at again soonest."""
    return _decided(await connection().fetch(_SUSPENDED, after, limit))


def _decided(rows: Sequence[Mapping[str, Any]]) -> list[Decided]:
    return msgspec.convert([dict(row) for row in rows], list[Decided])
