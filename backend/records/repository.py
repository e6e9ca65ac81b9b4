"""Rows of the records area, read. Ownership is in the query: another's record is not found."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta, timezone
from uuid import UUID

import msgspec

from backend.records.domain import Earned, Held, NoSuchRecord
from backend.records.keys.domain import KnownKey
from backend.records.keys.repository import known
from backend.records.status import lock
from backend.records.tables import (
    CompletionRecord,
    DueRecord,
    LogProof,
    SigningKey,
)
from backend.records.verdict.bundle import StatusEvidence
from backend.records.verdict.status_list import PURPOSES
from infra.database import Reading, connection
from infra.engine import DB

_LOST_AFTER = timedelta(minutes=2)
_SWEEP = 50
_SHANGHAI = timezone(timedelta(hours=8))
# By chance, so that none that cannot be made now keeps others from their turn.
_OVERDUE = """
(SELECT id FROM due_record WHERE state = 'due' AND requested_at < $1 ORDER BY random() LIMIT $2)
UNION ALL
(SELECT id FROM due_record WHERE state = 'waiting-for-identity' ORDER BY random() LIMIT $2)
"""
_TAKEN = """
SELECT d.id, c.number FROM due_record d JOIN completion_record c ON c.due = d.id
WHERE d.id = ANY($1::uuid[]) AND d.state <> 'issued'
"""
_IN_FORCE = """
SELECT DISTINCT c.learner_id FROM completion_record c
CROSS JOIN LATERAL (
    SELECT kind FROM record_event WHERE record = c.id ORDER BY position DESC LIMIT 1
) latest
WHERE c.learner_id = ANY($1::uuid[]) AND c.programme = ANY($2::text[]) AND NOT c.demonstration
  AND (c.valid_until IS NULL OR c.valid_until > $3) AND latest.kind IN ('issued', 'reinstated')
"""
_LOGGED = """
SELECT v.jws, p.proof FROM status_list_version v JOIN log_proof p ON p.entry_id = v.entry_id
WHERE v.status_list = $1 AND v.purpose = $2 ORDER BY v.version DESC LIMIT $3
"""
# A correction that was put aside stands for nothing, nor does what another one has superseded.
_ROUNDS = """
SELECT d.learner_id, d.programme, d.period, d.round, max(d.requested_at) AS earned_at,
    (array_agg(r.valid_until ORDER BY d.requested_at DESC))[1] AS valid_until,
    bool_and(latest.kind IS NOT DISTINCT FROM 'revoked') AS revoked
FROM due_record d LEFT JOIN completion_record r ON r.due = d.id
LEFT JOIN LATERAL (
    SELECT kind FROM record_event WHERE record = r.id ORDER BY position DESC LIMIT 1
) latest ON true
WHERE d.learner_id = ANY($1::uuid[]) AND d.programme = ANY($2::text[])
  AND NOT (d.state = 'quarantined' AND d.revision > 1)
  AND latest.kind IS DISTINCT FROM 'superseded'
GROUP BY d.learner_id, d.programme, d.period, d.round
ORDER BY earned_at
"""
_SUCCESSORS = """
SELECT DISTINCT ON (o.id) o.id AS older, n.id, n.number
FROM completion_record o JOIN due_record d ON d.id = o.due
JOIN due_record later ON later.learner_id = d.learner_id AND later.programme = d.programme
    AND later.edition = d.edition AND later.period IS NOT DISTINCT FROM d.period
    AND later.round = d.round AND later.revision > d.revision
JOIN completion_record n ON n.due = later.id
WHERE o.id = ANY($1::uuid[]) ORDER BY o.id, later.revision DESC
"""
_PUBLISHED = """
SELECT wanted.purpose, newest.jws, newest.proof
FROM unnest($2::text[]) AS wanted(purpose) CROSS JOIN LATERAL (
    SELECT v.jws, p.proof FROM status_list_version v JOIN log_proof p ON p.entry_id = v.entry_id
    WHERE v.status_list = $1 AND v.purpose = wanted.purpose ORDER BY v.version DESC LIMIT 1
) newest
"""


async def overdue(now: datetime) -> list[UUID]:
    """Due records whose job must have been lost, and some that wait for a verified holder."""
    async with Reading(DB):
        rows = await connection().fetch(_OVERDUE, now - _LOST_AFTER, _SWEEP)
    return [row["id"] for row in rows]


async def due_beside(due_id: UUID, *, limit: int) -> list[UUID]:
    """Others that wait to be made, oldest first."""
    rows = (
        await DueRecord.select(DueRecord.id)
        .where(DueRecord.state == "due", DueRecord.id != due_id)
        .order_by(DueRecord.requested_at)
        .limit(limit)
    )
    return [row["id"] for row in rows]


class OpenDue(msgspec.Struct, frozen=True):
    id: UUID
    learner_id: UUID
    programme: str
    edition: str
    revision: int
    facts: bytes
    earning: bytes | None
    because: str | None


async def open_dues(due_ids: Collection[UUID]) -> list[OpenDue]:
    """Those of them that nothing came of yet, by their ids."""
    due = DueRecord
    place = due.learner_id, due.programme, due.edition, due.revision
    rows = (
        await due.select(due.id, *place, due.facts, due.earning, due.because)
        .where(due.id.is_in(list(due_ids)), due.state.not_in(["issued", "quarantined"]))
        .order_by(due.id)
    )
    return [OpenDue(**row) for row in rows]


async def taken(due_ids: Collection[UUID]) -> dict[UUID, str]:
    """Of those nothing came of, the ones in whose place a record stands; with its number."""
    async with Reading(DB):
        rows = await connection().fetch(_TAKEN, list(due_ids))
    return {row["id"]: row["number"] for row in rows}


async def put_aside(due_id: UUID, state: str, reason: str) -> None:
    """Unless another worker has made it since we looked."""
    await DueRecord.update({DueRecord.state: state, DueRecord.reason: reason}).where(
        DueRecord.id == due_id, DueRecord.state != "issued"
    )


async def log_key_origin() -> str:
    row = (
        await SigningKey.select(SigningKey.issuer)
        .where(SigningKey.purpose == "log")
        .order_by(SigningKey.added_at)
        .first()
    )
    if row is None:
        raise LookupError("the log's key was not announced yet")
    return str(row["issuer"])


async def keys() -> list[KnownKey]:
    """Announced keys, oldest first, with their place in the log where they have it already."""
    async with Reading(DB):
        return await known()


async def record_by_code(code: str) -> CompletionRecord:
    return _found(
        await CompletionRecord.objects().get(
            (CompletionRecord.code == code) | (CompletionRecord.number == code)
        )
    )


async def record_by_id(record_id: UUID) -> CompletionRecord:
    return _found(await CompletionRecord.objects().get(CompletionRecord.id == record_id))


async def learners_dues(learner_id: UUID) -> list[DueRecord]:
    return (
        await DueRecord.objects()
        .where(DueRecord.learner_id == learner_id)
        .order_by(DueRecord.requested_at, ascending=False)
        .limit(100)
    )


async def learners_due(learner_id: UUID, record_or_due_id: UUID) -> DueRecord:
    """By the id of the due record, or of the record made of it."""
    made = (
        await CompletionRecord.select(CompletionRecord.due)
        .where(CompletionRecord.id == record_or_due_id)
        .first()
    )
    due = await DueRecord.objects().get(
        (DueRecord.id == (made["due"] if made else record_or_due_id))
        & (DueRecord.learner_id == learner_id)
    )
    if due is None:
        raise NoSuchRecord
    return due


async def records_of(due_ids: list[UUID]) -> dict[UUID, CompletionRecord]:
    if not due_ids:
        return {}
    rows = await CompletionRecord.objects().where(CompletionRecord.due.is_in(due_ids))
    return {row.due: row for row in rows}


class Successor(msgspec.Struct, frozen=True):
    id: UUID
    number: str


async def successors_of(record_ids: Collection[UUID]) -> dict[UUID, Successor]:
    """The newest revision after each one: never a record of another year or round."""
    async with Reading(DB):
        rows = await connection().fetch(_SUCCESSORS, list(record_ids))
    return {row["older"]: Successor(row["id"], row["number"]) for row in rows}


async def in_force_of(
    people: Collection[UUID], programmes: Collection[str], *, now: datetime
) -> list[UUID]:
    """Inside an open `UnitOfWork`."""
    if not people:
        return []
    rows = await connection().fetch(_IN_FORCE, list(people), list(programmes), now)
    return [row["learner_id"] for row in rows]


async def issued_between(start: datetime, end: datetime, *, demonstration: bool) -> dict[str, UUID]:
    rows = await CompletionRecord.select(
        CompletionRecord.number, CompletionRecord.learner_id
    ).where(
        CompletionRecord.issued_at >= start,
        CompletionRecord.issued_at < end,
        CompletionRecord.demonstration == demonstration,
    )
    return {row["number"]: row["learner_id"] for row in rows}


async def learner_of(number: str) -> UUID | None:
    row = (
        await CompletionRecord.select(CompletionRecord.learner_id)
        .where(CompletionRecord.number == number)
        .first()
    )
    return row["learner_id"] if row else None


def _found(record: CompletionRecord | None) -> CompletionRecord:
    if record is None:
        raise NoSuchRecord
    return record


async def proof_of(entry_id: UUID) -> LogProof | None:
    return await LogProof.objects().get(LogProof.entry_id == entry_id)


async def proofs_of(entry_ids: list[UUID]) -> set[UUID]:
    rows = await LogProof.select(LogProof.entry_id).where(
        LogProof.entry_id.is_in(entry_ids or [UUID(int=0)])
    )
    return {row["entry_id"] for row in rows}


async def published_list(number: int, purpose: str) -> StatusEvidence | None:
    """The newest version whose hash is in the log already, with the proof of that."""
    return (await _published(number, [purpose])).get(purpose)


async def logged_versions(number: int, purpose: str, *, most: int) -> list[StatusEvidence]:
    """Newest first, those whose hash is in the log already."""
    async with Reading(DB):
        rows = await connection().fetch(_LOGGED, number, purpose, most)
    return [StatusEvidence(row["jws"], row["proof"].encode()) for row in rows]


async def published_lists(number: int) -> dict[str, StatusEvidence]:
    return await _published(number, PURPOSES)


async def _published(number: int, purposes: Sequence[str]) -> dict[str, StatusEvidence]:
    async with Reading(DB):
        rows = await connection().fetch(_PUBLISHED, number, list(purposes))
    return {r["purpose"]: StatusEvidence(r["jws"], r["proof"].encode()) for r in rows}


async def lock_record(record: CompletionRecord) -> None:
    """Until the transaction ends, nobody else decides about this record (or its list)."""
    await lock(record.status_list)


async def rounds(learner_ids: Sequence[UUID], programmes: Collection[str]) -> list[Earned]:
    rows = await connection().fetch(_ROUNDS, learner_ids, list(programmes))
    return [_earned(Earned(**row)) for row in rows]


def _earned(one: Earned) -> Earned:
    if one.period is None:
        return one
    ended = datetime(int(one.period) + 1, 1, 1, tzinfo=_SHANGHAI)
    return msgspec.structs.replace(one, valid_until=one.valid_until or ended)


async def numbers_of(learner_ids: Collection[UUID]) -> list[Held]:
    rows = await CompletionRecord.select(
        CompletionRecord.id,
        CompletionRecord.learner_id,
        CompletionRecord.programme,
        CompletionRecord.edition,
        CompletionRecord.number,
    ).where(CompletionRecord.learner_id.is_in(list(learner_ids)))
    return msgspec.convert(rows, list[Held])
