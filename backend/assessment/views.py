"""What a learner sees of an attempt: the paper in its own letters, never its key."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import msgspec

from backend.assessment.domain import (
    PaperItem,
    failed_modules,
    first_sequence,
    remaining_seconds,
)
from backend.assessment.repository import Attempt, Kept
from backend.assessment.schemas import AttemptView, Result, SavedAnswer
from courses.items.lettering import lettered, to_paper
from courses.items.shown import ShownItem, shown


def view_of(
    attempt: Attempt, kept: Iterable[Kept], now: datetime, *, taken_up: bool = False
) -> AttemptView:
    """`taken_up`: by this very request, so that its device holds the attempt."""
    criterion, holds = attempt.criterion, taken_up and attempt.ended_at is None
    return AttemptView(
        id=attempt.id,
        enrolment_id=attempt.enrolment_id,
        number=attempt.number,
        exam=attempt.exam_code,
        state=attempt.state,
        started_at=attempt.started_at,
        due_at=attempt.due_at,
        server_time=now,
        remaining_seconds=0 if attempt.ended_at else remaining_seconds(attempt.due_at, now=now),
        extra_minutes=attempt.extra_minutes,
        pass_mark=float(criterion.pass_mark),
        total_points=float(criterion.total_points),
        items=[shown_item(item) for item in criterion.items],
        answers=_answers(criterion.items, kept),
        sitting=attempt.sitting if holds else None,
        next_sequence=first_sequence(attempt.sitting) if holds else None,
        result=result_of(attempt) if attempt.ended_at else None,
    )


def shown_item(item: PaperItem) -> ShownItem:
    return shown(item.id, item.stem, lettered(item.interaction), item.points)


def _answers(items: tuple[PaperItem, ...], kept: Iterable[Kept]) -> list[SavedAnswer]:
    by_id = {one.item_id: one for one in kept}
    return [
        SavedAnswer(place, one.sequence, to_paper(item.interaction, one.answer), one.saved_at)
        for place, item in enumerate(items, 1)
        if (one := by_id.get(item.id)) is not None
    ]


def result_of(attempt: Attempt) -> Result:
    """Of an attempt that has ended, as `repository.counted` gives it."""
    assert attempt.ended_at is not None
    score, first = attempt.score, attempt.first_score
    return Result(
        score=None if score is None else float(score),
        pass_mark=float(attempt.criterion.pass_mark),
        passed=attempt.passed,
        awaiting_marks=score is None,
        submitted_at=attempt.ended_at,
        record_due=bool(attempt.passed),
        failed_modules=failed_modules_of(attempt),
        first_score=None if first in (None, score) else float(first),
    )


class _Marks(msgspec.Struct):
    points: dict[str, Decimal]


def failed_modules_of(attempt: Attempt) -> list[str]:
    """By the marks in its evidence."""
    if attempt.passed is not False or attempt.evidence is None:
        return []
    marks = msgspec.json.decode(attempt.evidence, type=_Marks)
    return failed_modules(attempt.criterion, marks.points)
