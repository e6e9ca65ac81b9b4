from datetime import datetime

from backend.assessment.domain import Answers
from backend.assessment.repository import Attempt
from backend.assessment.schemas import AttemptView, Result
from courses.items.shown import shown


def view_of(attempt: Attempt, answers: Answers, now: datetime) -> AttemptView:
    criterion = attempt.criterion
    return AttemptView(
        id=attempt.id,
        enrolment_id=attempt.enrolment_id,
        number=attempt.number,
        exam=attempt.exam_code,
        state=attempt.state,
        started_at=attempt.started_at,
        due_at=attempt.due_at,
        server_time=now,
        pass_mark=float(criterion.pass_mark),
        total_points=float(criterion.total_points),
        items=[shown(i.id, i.stem, i.interaction, i.points) for i in criterion.items],
        answers=dict(answers),
        result=result_of(attempt) if attempt.ended_at else None,
    )


def result_of(attempt: Attempt) -> Result:
    """Of an attempt that has ended."""
    assert attempt.ended_at is not None
    assert attempt.score is not None
    return Result(
        score=float(attempt.score),
        pass_mark=float(attempt.criterion.pass_mark),
        passed=bool(attempt.passed),
        submitted_at=attempt.ended_at,
        record_due=bool(attempt.passed),
    )
