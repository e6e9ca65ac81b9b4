from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from backend.assessment import tables
from backend.assessment.criteria import answer_from
from backend.assessment.practice.domain import PracticePaper
from courses.items.answers import Answer
from infra.database import connection
from infra.errors import NotFound
from infra.ids import uuid7


class PracticeNotFound(NotFound):
    """You have no such practice paper."""

    zh = "您没有这份练习卷。"


class Practice(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    learner_id: UUID
    enrolment_id: UUID
    paper: PracticePaper
    started_at: datetime


async def add(practice: Practice) -> None:
    fields = msgspec.structs.asdict(practice)
    paper = msgspec.json.encode(practice.paper, order="sorted")
    await tables.PracticePaper.insert(tables.PracticePaper(**{**fields, "paper": paper}))


async def practice(practice_id: UUID, *, learner_id: UUID) -> Practice:
    row = tables.PracticePaper
    found = await row.select().where(row.id == practice_id, row.learner_id == learner_id).first()
    if found is None:
        raise PracticeNotFound
    paper = msgspec.json.decode(bytes(found["paper"]), type=PracticePaper)
    return msgspec.convert({**found, "paper": paper}, Practice)


_ANSWER = """
INSERT INTO practice_answer (id, learner_id, practice_id, position, answer, points, answered_at)
VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7) ON CONFLICT DO NOTHING
"""


async def answer_once(
    mine: Practice, position: int, answer: Answer, points: Decimal, *, now: datetime
) -> None:
    """The first answer stands."""
    given = msgspec.json.encode(answer).decode()
    await connection().execute(
        _ANSWER, uuid7(), mine.learner_id, mine.id, position, given, points, now
    )


async def answers(mine: Practice) -> dict[int, Answer]:
    row = tables.PracticeAnswer
    rows: list[dict[str, Any]] = (
        await row.select(row.position, row.answer)
        .where(row.learner_id == mine.learner_id, row.practice_id == mine.id)
        .order_by(row.position)
        .output(load_json=True)
    )
    return {one["position"]: answer_from(one["answer"]) for one in rows}
