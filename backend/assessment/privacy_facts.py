"""What this area keeps of a person: told to the person, and taken away."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.assessment.tables import AttemptAnswer, ExamAttempt
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    """Without the paper and its key, which are the examiner's; with every answer given."""
    del vault
    attempt, answer = ExamAttempt, AttemptAnswer
    attempts = (
        await attempt.select(
            attempt.id,
            attempt.number,
            attempt.exam_code.as_alias("exam"),
            attempt.programme_code.as_alias("programme"),
            attempt.edition,
            attempt.state,
            attempt.started_at.as_alias("startedAt"),
            attempt.ended_at.as_alias("endedAt"),
            attempt.score,
            attempt.passed,
        )
        .where(attempt.learner_id == person_id)
        .order_by(attempt.started_at)
    )
    answers = (
        await answer.select(
            answer.attempt_id.as_alias("attempt"),
            answer.item_id.as_alias("item"),
            answer.picked,
            answer.saved_at.as_alias("savedAt"),
        )
        .where(answer.learner_id == person_id)
        .order_by(answer.saved_at)
        .output(load_json=True)
    )
    return {"attempts": attempts, "answers": answers}


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """Passed attempts stay, as the evidence behind a record; all else goes. Safe to repeat."""
    del now
    async with UnitOfWork(DB):
        await AttemptAnswer.delete().where(AttemptAnswer.learner_id == person_id)
        await ExamAttempt.delete().where(
            (ExamAttempt.learner_id == person_id)
            & (ExamAttempt.passed.is_null() | ExamAttempt.passed.eq(False))
        )


async def forget_evidence(person_id: UUID) -> None:
    """When the time is over for which evidence must be kept."""
    await ExamAttempt.delete().where(ExamAttempt.learner_id == person_id)
