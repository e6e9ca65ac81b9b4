from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from backend.assessment.criteria import answer_from, frozen, thawed
from backend.assessment.domain import LAST_SITTING, Criterion, Past, State, TooManySittings
from backend.assessment.schemas import PastAttempt
from courses.items.answers import Answer
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.errors import NotFound
from infra.ids import uuid7


class AttemptNotFound(NotFound):
    """You have no such attempt."""

    zh = "您没有这次考试的记录。"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    learner_id: UUID
    enrolment_id: UUID
    number: int
    exam_code: str
    programme_code: str
    edition: str
    edition_sha256: str
    seed: bytes
    criterion: Criterion
    criterion_sha256: str
    extra_minutes: int = 0
    started_at: datetime
    due_at: datetime
    sitting: int = 1
    state: State = State.OPEN
    ended_at: datetime | None = None
    score: Decimal | None = None
    passed: bool | None = None
    evidence: bytes | None = None
    evidence_sha256: str | None = None
    first_score: Decimal | None = None
    """Of `counted` alone: where `score` and `passed` are what a correction made of them."""


class Outline(msgspec.Struct, frozen=True):
    """What decides whether another attempt may begin; without the paper."""

    id: UUID
    state: State
    due_at: datetime
    ended_at: datetime | None
    passed: bool | None


class Kept(msgspec.Struct, frozen=True):
    """An answer as saved, in the bank's ids."""

    item_id: str
    answer: Answer
    sequence: int
    spent_ms: int | None
    saved_at: datetime


_COLUMNS = ", ".join(name for name in Attempt.__struct_fields__ if name != "first_score")
_ONE = f"""
SELECT {_COLUMNS} FROM exam_attempt WHERE id = $1 AND learner_id = $2
"""


async def lock_attempt(attempt_id: UUID, *, learner_id: UUID) -> Attempt:
    """Locked, so that of two submissions the second finds what the first did."""
    return await _attempt(f"{_ONE} FOR NO KEY UPDATE", attempt_id, learner_id)


async def attempt(attempt_id: UUID, *, learner_id: UUID) -> Attempt:
    """To look at only. AttemptNotFound."""
    return await _attempt(_ONE, attempt_id, learner_id)


async def _attempt(query: str, attempt_id: UUID, learner_id: UUID) -> Attempt:
    row = await connection().fetchrow(query, attempt_id, learner_id)
    if row is None:
        raise AttemptNotFound
    return attempt_from(row)


_CORRECTED = """
SELECT score, passed FROM attempt_correction WHERE attempt_id = $1 ORDER BY number DESC LIMIT 1
"""


async def counted(mine: Attempt) -> Attempt:
    """With the mark that counts: to be told, not to be kept."""
    if mine.score is None or mine.first_score is not None:
        return mine
    row = await connection().fetchrow(_CORRECTED, mine.id)
    return mine if row is None else corrected(mine, row["score"], row["passed"])


def corrected(mine: Attempt, score: Decimal, passed: bool) -> Attempt:
    return msgspec.structs.replace(mine, score=score, passed=passed, first_score=mine.score)


_OUTLINES = """
SELECT a.id, a.state, a.due_at, a.ended_at, a.passed OR EXISTS (
    SELECT FROM attempt_correction c WHERE c.attempt_id = a.id AND c.passed) AS passed
FROM exam_attempt a WHERE a.learner_id = $1 AND a.enrolment_id = $2
ORDER BY a.number FOR NO KEY UPDATE OF a
"""


async def outlines(enrolment_id: UUID, *, learner_id: UUID) -> list[Outline]:
    """Oldest first, locked: two starts at once make one attempt or the second sees the first. A
    pass by a correction is a pass."""
    rows = await connection().fetch(_OUTLINES, learner_id, enrolment_id)
    return [msgspec.convert(dict(row), Outline) for row in rows]


_HISTORY = """
SELECT a.id, a.number, a.state, a.started_at, a.ended_at,
    coalesce(c.score, a.score)::float8 AS score, coalesce(c.passed, a.passed) AS passed,
    CASE WHEN c.score <> a.score THEN a.score::float8 END AS first_score, c.corrected_at
FROM exam_attempt a LEFT JOIN LATERAL (
    SELECT score, passed, corrected_at FROM attempt_correction
    WHERE attempt_id = a.id ORDER BY number DESC LIMIT 1) c ON true
WHERE a.learner_id = $1 AND a.enrolment_id = $2
ORDER BY a.number DESC LIMIT $3
"""


async def history(enrolment_id: UUID, *, learner_id: UUID, most: int) -> list[PastAttempt]:
    """Newest first, with what corrections have made of their marks."""
    rows = await connection().fetch(_HISTORY, learner_id, enrolment_id, most)
    return [PastAttempt(**{**row, "state": State(row["state"])}) for row in rows]


def attempt_from(row: Mapping[str, Any]) -> Attempt:
    return msgspec.convert({**row, "criterion": thawed(bytes(row["criterion"]))}, Attempt)


def past(outlines: Iterable[Outline]) -> list[Past]:
    return [
        Past(ended_at=one.ended_at, passed=one.passed)
        for one in outlines
        if one.ended_at is not None
    ]


_ADD = """
WITH begun AS (
    INSERT INTO exam_attempt (id, learner_id, enrolment_id, number, exam_code, programme_code,
        edition, edition_sha256, seed, criterion, criterion_sha256, extra_minutes, started_at,
        due_at, sitting, state)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, 'open')
    ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO attempt_sitting (id, learner_id, attempt_id, number, device_id, begun_at)
SELECT $15, $2, begun.id, 1, $16, $13 FROM begun RETURNING attempt_id
"""


async def add(attempt: Attempt, device_id: UUID | None) -> bool:
    """With its first sitting. False when another request took this number first."""
    one = attempt
    added = await connection().fetchval(
        _ADD,
        *(one.id, one.learner_id, one.enrolment_id, one.number, one.exam_code),
        *(one.programme_code, one.edition, one.edition_sha256, one.seed, frozen(one.criterion)),
        *(one.criterion_sha256, one.extra_minutes, one.started_at, one.due_at),
        *(uuid7(), device_id),
    )
    return added is not None


_TAKE_UP = """
WITH taken AS (
    UPDATE exam_attempt SET sitting = sitting + 1
    WHERE id = $1 AND learner_id = $2 AND sitting < $6 RETURNING id, sitting
)
INSERT INTO attempt_sitting (id, learner_id, attempt_id, number, device_id, begun_at)
SELECT $3, $2, taken.id, taken.sitting, $4, $5 FROM taken RETURNING number
"""


async def take_up(attempt: Attempt, device_id: UUID | None, *, now: datetime) -> Attempt:
    """By a device, instead of the one before. The caller has locked the attempt."""
    number = await connection().fetchval(
        _TAKE_UP, attempt.id, attempt.learner_id, uuid7(), device_id, now, LAST_SITTING
    )
    if number is None:
        raise TooManySittings
    return msgspec.structs.replace(attempt, sitting=number)


_CLOSE = """
UPDATE exam_attempt SET state = $2, ended_at = $3, score = $4, passed = $5, evidence = $6,
    evidence_sha256 = $7
WHERE id = $1
"""


async def close(ended: Attempt) -> None:
    """With its mark and the evidence, or without them while people mark."""
    one = ended
    await connection().execute(
        _CLOSE,
        *(one.id, one.state.value, one.ended_at, one.score, one.passed),
        *(one.evidence, one.evidence_sha256),
    )


_KEPT = """
SELECT item_id, picked, sequence, spent_ms, saved_at FROM attempt_answer
WHERE learner_id = $1 AND attempt_id = $2
"""


async def kept_answers(attempt: Attempt) -> list[Kept]:
    rows = await connection().fetch(_KEPT, attempt.learner_id, attempt.id)
    return [
        Kept(item_id, answer_from(msgspec.json.decode(picked)), sequence, spent_ms, saved_at)
        for item_id, picked, sequence, spent_ms, saved_at in rows
    ]


_OVERDUE = """
SELECT id, learner_id FROM exam_attempt WHERE state = 'open' AND due_at < $1
ORDER BY due_at LIMIT $2
"""


async def overdue(*, before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Attempt and learner."""
    async with UnitOfWork(DB):
        rows = await connection().fetch(_OVERDUE, before, limit)
    return [(row["id"], row["learner_id"]) for row in rows]


_OWE = "UPDATE exam_attempt SET owed_looked_at = $3 WHERE id = $1 AND learner_id = $2"
_OWED = """
SELECT id, learner_id FROM exam_attempt WHERE owed_looked_at < $1
ORDER BY owed_looked_at LIMIT $2
"""


async def owe_record(passed: Attempt, *, now: datetime | None) -> None:
    """None: no longer."""
    await connection().execute(_OWE, passed.id, passed.learner_id, now)


async def owed(*, before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Attempt and learner, those first that were looked at longest ago."""
    async with UnitOfWork(DB):
        rows = await connection().fetch(_OWED, before, limit)
    return [(row["id"], row["learner_id"]) for row in rows]
