"""Telling people things: `post` for other areas, the inbox and the choices for their readers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from backend.notices import repository
from backend.notices.domain import Choice, Notice, NoticeNotFound, Said, each_once
from backend.notices.schemas import ChoiceView, NoticeList, NoticeView, Unread
from infra.database import UnitOfWork
from infra.engine import DB
from infra.retention import Kept

__all__ = ["CHANGING", "RETENTION", "Notice", "Said", "post", "those", "told", "unread"]

CHANGING = {"notice": "person_id"}
"""Tables of this area whose rows a phone is told of, and whose they are: `GET /v1/sync` finds those
that changed together with its own, and asks `those` for them."""
_YEAR = timedelta(days=400)
RETENTION = [
    Kept(
        kind="notice-deliveries",
        table="notice_delivery",
        old="t.notice IN (SELECT n.id FROM notice n WHERE n.at < $1)",
        keep=_YEAR,
        why="goes with its notice",
    ),
    Kept(
        kind="notices",
        table="notice",
        old="t.at < $1 AND NOT EXISTS (SELECT FROM notice_delivery d WHERE d.notice = t.id)",
        keep=_YEAR,
        why="old news; what they told of stands in its own rows",
    ),
]


async def post(notices: Sequence[Notice], *, now: datetime) -> int:
    """In the caller's unit of work, if there is one: told exactly if that commits. How many are
    new; three statements for any number."""
    if not (wanted := each_once(notices)):
        return 0
    async with UnitOfWork(DB):
        new = await repository.post(wanted, now=now)
        choices = await repository.choices_of([person for _, person in new]) if new else {}
        out = [
            (notice, person, channel)
            for notice, person in new
            for channel in choices.get(person, Choice.DEFAULT).channels()
        ]
        if out:
            await repository.send_out(out, now=now)
    return len(new)


async def told(asked: Sequence[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Which (person, `once`) of these were posted before: saves whoever posts many the words. In
    the caller's unit of work; one statement."""
    return await repository.told(asked)


async def unread(person_id: UUID) -> Unread:
    """Stops at 100."""
    async with UnitOfWork(DB):
        waiting = await repository.unread(person_id)
    return Unread(waiting)


async def those(person_id: UUID, notice_ids: Sequence[UUID]) -> list[NoticeView]:
    """Of this person, the oldest first; what a phone was not told yet. In the caller's unit of
    work; one statement."""
    return await repository.those(person_id, notice_ids)


async def inbox(person_id: UUID, *, after: UUID | None, limit: int) -> NoticeList:
    async with UnitOfWork(DB):
        found = await repository.page(person_id, after=after, limit=limit + 1)
        waiting = await repository.unread(person_id)
    items = found[:limit]
    return NoticeList(items, items[-1].id if len(found) > limit else None, waiting)


async def read(person_id: UUID, notice_id: UUID, *, now: datetime) -> Unread:
    """What is unread still. Again changes nothing."""
    async with UnitOfWork(DB):
        if not await repository.read(person_id, notice_id, now=now):
            raise NoticeNotFound
        waiting = await repository.unread(person_id)
    return Unread(waiting)


async def read_up_to(person_id: UUID, notice_id: UUID, *, now: datetime) -> Unread:
    async with UnitOfWork(DB):
        await repository.read_up_to(person_id, notice_id, now=now)
        waiting = await repository.unread(person_id)
    return Unread(waiting)


async def choice(person_id: UUID) -> ChoiceView:
    async with UnitOfWork(DB):
        found = await repository.choices_of([person_id])
    return _view(found.get(person_id, Choice.DEFAULT))


async def choose(person_id: UUID, wanted: Choice, *, now: datetime) -> ChoiceView:
    async with UnitOfWork(DB):
        await repository.choose(person_id, wanted, now=now)
    return _view(wanted)


def _view(found: Choice) -> ChoiceView:
    return ChoiceView(email=found.email, sms=found.sms)
