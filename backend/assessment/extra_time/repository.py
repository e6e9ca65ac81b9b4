from datetime import datetime, timedelta
from uuid import UUID

from backend.assessment.extra_time.schemas import ExtraTimeView
from backend.assessment.tables import ExtraTime
from infra.database import connection

_SHANGHAI = timedelta(hours=8)
_STANDING = """
SELECT percent, valid_until FROM extra_time WHERE learner_id = $1
ORDER BY decided_at DESC, id DESC LIMIT 1
"""
MOST_TOLD = 50


async def percent_at(learner_id: UUID, *, now: datetime) -> int:
    """By the last decision, if it still holds today. In the caller's unit of work."""
    row = await connection().fetchrow(_STANDING, learner_id)
    if row is None or (row["valid_until"] and row["valid_until"] < (now + _SHANGHAI).date()):
        return 0
    return int(row["percent"])


async def add(decision: ExtraTime) -> None:
    await ExtraTime.insert(decision)


async def decisions(learner_id: UUID) -> list[ExtraTimeView]:
    """Latest first, without the reasons."""
    one = ExtraTime
    rows = (
        await one.select(one.id, one.percent, one.valid_until, one.decided_at)
        .where(one.learner_id == learner_id)
        .order_by(one.decided_at, one.id, ascending=False)
        .limit(MOST_TOLD)
    )
    return [ExtraTimeView(**row) for row in rows]
