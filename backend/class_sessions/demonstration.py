"""A class for demonstrations that is going on right now, so that its code can be shown."""

from datetime import datetime, timedelta
from uuid import UUID

from backend.class_sessions import planning, repository, seating
from backend.class_sessions.schemas import Break, NewClass
from infra.database import UnitOfWork
from infra.engine import DB

TITLE = "GB/T 29490-2023 内审实务面授班（演示）"
_LENGTH = timedelta(hours=8)
_LEFT = timedelta(hours=1)
_LAST = UUID(int=(1 << 128) - 1)


async def ensure_demo_class(
    organiser: UUID, manager: UUID, learner: UUID, *, now: datetime
) -> None:
    """A new one where the newest has an hour left or less; the learner has a seat in it."""
    async with UnitOfWork(DB):
        newest = await repository.looked_after_by(manager, [organiser], [], before=_LAST, limit=1)
    if newest and newest[0].ends_at > now + _LEFT:
        return
    begins = now - timedelta(minutes=5)
    wanted = NewClass(
        organisation_id=organiser,
        title=TITLE,
        module="M08",
        place="深圳市南山区 演示教室",
        capacity=30,
        class_hours=8,
        begins_at=begins,
        ends_at=begins + _LENGTH,
        breaks=[Break(begins_at=begins + timedelta(hours=3), ends_at=begins + timedelta(hours=4))],
    )
    made = await planning.plan(wanted, manager=manager, now=now)
    await seating.enrol(made.id, person=learner, now=now)
