"""What this area keeps of a person: told to the person, and taken away."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.assessment.criteria import answer_from, thawed
from backend.assessment.exposure import service as exposure
from backend.assessment.marking import privacy_facts as marking
from backend.assessment.tables import (
    AttemptAnswer,
    AttemptSitting,
    ExamAttempt,
    ExtraTime,
    PracticeAnswer,
    PracticePaper,
)
from courses.items.interactions import Interaction
from courses.items.lettering import to_paper
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault, place


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    """Without the paper and its key, which are the examiner's; with every answer given."""
    return {
        "attempts": await _attempts(person_id),
        "answers": await _answers(person_id),
        "sittings": await _sittings(person_id),
        "extraTime": await _extra_time(vault, person_id),
        "practice": await _practice(person_id),
        **await marking.personal_data(person_id),
    }


async def _attempts(person_id: UUID) -> list[dict[str, Any]]:
    attempt = ExamAttempt
    return (
        await attempt.select(
            attempt.id,
            attempt.number,
            attempt.exam_code.as_alias("exam"),
            attempt.programme_code.as_alias("programme"),
            attempt.edition,
            attempt.state,
            attempt.extra_minutes.as_alias("extraMinutes"),
            attempt.started_at.as_alias("startedAt"),
            attempt.ended_at.as_alias("endedAt"),
            attempt.score,
            attempt.passed,
        )
        .where(attempt.learner_id == person_id)
        .order_by(attempt.started_at)
    )


async def _answers(person_id: UUID) -> list[dict[str, Any]]:
    """In the letters of their papers, as they were given: the bank's ids would tell a key."""
    answer, on = AttemptAnswer, await _asked(person_id)
    found: list[dict[str, Any]] = (
        await answer.select(
            answer.attempt_id.as_alias("attempt"),
            answer.item_id.as_alias("item"),
            answer.picked,
            answer.spent_ms.as_alias("spentMs"),
            answer.saved_at.as_alias("savedAt"),
        )
        .where(answer.learner_id == person_id)
        .order_by(answer.saved_at)
        .output(load_json=True)
    )
    for one in found:
        given = to_paper(on[one["attempt"], one["item"]], answer_from(one["picked"]))
        one["picked"] = msgspec.to_builtins(given)
    return found


async def _asked(person_id: UUID) -> dict[tuple[UUID, str], Interaction]:
    rows = await ExamAttempt.select(ExamAttempt.id, ExamAttempt.criterion).where(
        ExamAttempt.learner_id == person_id
    )
    return {
        (row["id"], item.id): item.interaction
        for row in rows
        for item in thawed(bytes(row["criterion"])).items
    }


async def _sittings(person_id: UUID) -> list[dict[str, Any]]:
    sitting = AttemptSitting
    return (
        await sitting.select(
            sitting.attempt_id.as_alias("attempt"),
            sitting.number,
            sitting.device_id.as_alias("device"),
            sitting.begun_at.as_alias("begunAt"),
        )
        .where(sitting.learner_id == person_id)
        .order_by(sitting.begun_at)
    )


async def _extra_time(vault: Vault, person_id: UUID) -> list[dict[str, Any]]:
    rows = await ExtraTime.select().where(ExtraTime.learner_id == person_id)
    return [
        {
            "percent": row["percent"],
            "reason": vault.open(row["reason_sealed"], place(ExtraTime.reason_sealed, row["id"])),
            "validUntil": row["valid_until"],
            "decidedAt": row["decided_at"],
        }
        for row in rows
    ]


async def _practice(person_id: UUID) -> list[dict[str, Any]]:
    answer = PracticeAnswer
    found: list[dict[str, Any]] = (
        await answer.select(
            answer.practice_id.as_alias("paper"),
            answer.position,
            answer.answer,
            answer.points,
            answer.answered_at.as_alias("answeredAt"),
        )
        .where(answer.learner_id == person_id)
        .order_by(answer.answered_at)
        .output(load_json=True)
    )
    return found


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """Passed attempts stay, as the evidence behind a record, those by a correction, too; all else
    goes. Safe to repeat."""
    del now
    async with UnitOfWork(DB):
        await marking.erase_person(person_id)
        for table in (AttemptAnswer, AttemptSitting, ExtraTime, PracticeAnswer, PracticePaper):
            await table.delete().where(table.learner_id == person_id)
        await exposure.forget(person_id)
        await ExamAttempt.delete().where(
            (ExamAttempt.learner_id == person_id)
            & (ExamAttempt.passed.is_null() | ExamAttempt.passed.eq(False))
            & ExamAttempt.id.not_in(marking.passed_by_correction(person_id))
        )


async def forget_evidence(person_id: UUID) -> None:
    """When the time is over for which evidence must be kept."""
    await ExamAttempt.delete().where(ExamAttempt.learner_id == person_id)
