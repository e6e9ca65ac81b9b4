from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from backend.assessment.criteria import answer_from, criterion_from, frozen
from backend.assessment.domain import Answers, Criterion, Past, State
from backend.assessment.tables import AttemptAnswer, ExamAttempt
from infra.database import connection
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
    evidence_sha256: str | None = None


_COLUMNS = [getattr(ExamAttempt, name) for name in Attempt.__struct_fields__]


async def lock_attempt(attempt_id: UUID, *, learner_id: UUID) -> Attempt:
    """Locked, so that of two submissions the second finds what the first did."""
    query = ExamAttempt.select(*_COLUMNS).where(
        ExamAttempt.id == attempt_id, ExamAttempt.learner_id == learner_id
    )
    row = await query.first().lock_rows("NO KEY UPDATE").output(load_json=True)
    if row is None:
        raise AttemptNotFound
    return _attempt(row)


async def attempts(enrolment_id: UUID, *, learner_id: UUID) -> list[Attempt]:
    """Oldest first, locked: two starts at once make one attempt or the second sees the first."""
    rows = (
        await ExamAttempt.select(*_COLUMNS)
        .where(ExamAttempt.learner_id == learner_id, ExamAttempt.enrolment_id == enrolment_id)
        .order_by(ExamAttempt.number)
        .lock_rows("NO KEY UPDATE")
        .output(load_json=True)
    )
    return [_attempt(row) for row in rows]


def _attempt(row: dict[str, Any]) -> Attempt:
    stored: dict[str, Any] = msgspec.json.decode(bytes(row["criterion"]))
    return msgspec.convert({**row, "criterion": criterion_from(stored)}, Attempt)


def past(attempts: list[Attempt]) -> list[Past]:
    return [
        Past(ended_at=attempt.ended_at, passed=bool(attempt.passed))
        for attempt in attempts
        if attempt.ended_at is not None
    ]


async def add(attempt: Attempt) -> bool:
    """False when another request took this number first."""
    row = {
        **msgspec.structs.asdict(attempt),
        "criterion": frozen(attempt.criterion),
        "state": attempt.state.value,
        "evidence": None,
    }
    added = (
        await ExamAttempt.insert(ExamAttempt(**row))
        .on_conflict(action="DO NOTHING")
        .returning(ExamAttempt.id)
    )
    return bool(added)


async def close(ended: Attempt, evidence: bytes, sha256: str) -> None:
    await ExamAttempt.update(
        {
            ExamAttempt.state: ended.state.value,
            ExamAttempt.ended_at: ended.ended_at,
            ExamAttempt.score: ended.score,
            ExamAttempt.passed: ended.passed,
            ExamAttempt.evidence: evidence,
            ExamAttempt.evidence_sha256: sha256,
        }
    ).where(ExamAttempt.id == ended.id)


_SAVE = """
INSERT INTO attempt_answer (id, learner_id, attempt_id, item_id, picked, sequence, saved_at)
SELECT n.id, $1, $2, n.item_id, n.picked::jsonb, 0, $6
FROM unnest($3::uuid[], $4::text[], $5::text[]) AS n(id, item_id, picked)
ON CONFLICT (learner_id, attempt_id, item_id)
DO UPDATE SET picked = excluded.picked, saved_at = excluded.saved_at
"""


async def save_answers(attempt: Attempt, answers: Answers, *, now: datetime) -> None:
    """The caller has locked the attempt. One statement, however many items."""
    if not answers:
        return
    await connection().execute(
        _SAVE,
        attempt.learner_id,
        attempt.id,
        [uuid7() for _ in answers],
        list(answers),
        [msgspec.json.encode(answer).decode() for answer in answers.values()],
        now,
    )


async def saved_answers(attempt: Attempt) -> Answers:
    rows: list[dict[str, Any]] = (
        await AttemptAnswer.select(AttemptAnswer.item_id, AttemptAnswer.picked)
        .where(
            AttemptAnswer.learner_id == attempt.learner_id, AttemptAnswer.attempt_id == attempt.id
        )
        .output(load_json=True)
    )
    return {row["item_id"]: answer_from(row["picked"]) for row in rows}
