"""When all essays of an attempt are marked: its mark, once."""

from datetime import datetime
from uuid import UUID

from backend.assessment import finishing
from backend.assessment.domain import GivenMark, MarkedByPeople
from backend.assessment.marking import repository
from backend.assessment.marking.told import tell_decided
from backend.assessment.repository import lock_attempt


async def decide_if_all_are_in(attempt_id: UUID, learner_id: UUID, *, now: datetime) -> None:
    """The caller has locked the attempt, so of its last two marks the second decides."""
    essays = await marked(attempt_id)
    ended = await lock_attempt(attempt_id, learner_id=learner_id)
    if essays is None or ended.score is not None:
        return
    await finishing.settle(ended, essays, now=now)
    await tell_decided(ended, now=now)


async def marked(attempt_id: UUID) -> list[MarkedByPeople] | None:
    """What people gave for the essays of an attempt; None while they still mark."""
    essays = await repository.essays_of(attempt_id)
    marks = await repository.marks_of([one.id for one in essays])
    found = [
        MarkedByPeople(
            item_id=one.item_id,
            part_id=one.part_id,
            points=one.points,
            marks=tuple(
                GivenMark(by=mark.marked_by, percents=mark.percents or {}, points=mark.points)
                for mark in marks[one.id]
                if mark.points is not None
            ),
        )
        for one in essays
        if one.points is not None
    ]
    return found if len(found) == len(essays) else None
