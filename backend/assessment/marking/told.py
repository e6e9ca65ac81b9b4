"""What learners are told of their essays, and when: points and comments once all marks are in."""

from datetime import datetime
from uuid import UUID

from backend.assessment.marking import repository
from backend.assessment.marking.repository import EssayRow, MarkRow
from backend.assessment.marking.schemas import MarkedEssay, MarkedEssays
from backend.assessment.repository import Attempt, lock_attempt
from backend.notices import service as notices
from backend.notices.service import Notice, Said
from infra.database import UnitOfWork
from infra.engine import DB


async def essays(attempt_id: UUID, learner_id: UUID) -> MarkedEssays:
    """AttemptNotFound."""
    async with UnitOfWork(DB):
        mine = await lock_attempt(attempt_id, learner_id=learner_id)
        found = await repository.essays_of(attempt_id)
        marks = await repository.marks_of([one.id for one in found])
    decided = mine.score is not None
    return MarkedEssays(
        decided=decided, essays=[_told(one, marks[one.id], decided) for one in found]
    )


def _told(essay: EssayRow, marks: list[MarkRow], decided: bool) -> MarkedEssay:
    return MarkedEssay(
        item_id=essay.item_id,
        part_id=essay.part_id or None,
        worth=float(essay.worth),
        points=float(essay.points) if decided and essay.points is not None else None,
        comments=[mark.comment for mark in marks if mark.comment] if decided else [],
    )


async def tell_decided(attempt: Attempt, *, now: datetime) -> None:
    """In the caller's unit of work. Without the score: a notice stands on lock screens."""
    notice = Notice(
        person_id=attempt.learner_id,
        kind="exam-marked",
        once=f"exam-marked:{attempt.id}",
        subject=Said("您的考试已评阅完毕", "Your exam has been marked"),
        text=Said("主观题评阅完毕，请查看考试结果。", "Your essays are marked; see the result."),
        link=f"/learn/{attempt.programme_code}/exam?attempt={attempt.id}",
    )
    await notices.post([notice], now=now)
