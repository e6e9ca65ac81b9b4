"""Reminders: a worker goes through all lists of people, each once a day, and again when an
assignment or a member has come.

A page is a transaction: its notices and how far the list is gone through. Killed anywhere, the next
round goes on with the page that was not done, and a notice knows by itself whether it was told.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime
from random import uniform
from uuid import UUID

import structlog

from backend.curriculum.service import NoEdition
from backend.notices import service as notices
from backend.organisations.assignments import service as assignments
from backend.plans import repository
from backend.plans.domain import day_of
from backend.plans.reminded import EndingRecords, List, Members, OwnPlans, Titles, titles_now
from backend.plans.repository import Round
from backend.plans.texts import notice_of
from infra.alone import alone
from infra.database import UnitOfWork
from infra.engine import DB
from infra.outage import AWAY
from infra.queue import WorkerContext

_LOOK_AFTER_SECONDS = 600.0
_FIRST_AFTER_SECONDS = 30.0
_LOCK = 7_021_455_902_117_302
_PAGE = 1_000
_LISTS = 200
_FIRST = UUID(int=0)
_log = structlog.get_logger(__name__)


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Until `stop`; one worker at a time."""
    pause = uniform(1, 2) * _FIRST_AFTER_SECONDS
    while not await _stopped(stop, pause):
        pause = _LOOK_AFTER_SECONDS
        with suppress(*AWAY, NoEdition):
            async with alone(context.settings.database_url, _LOCK) as leading:
                if leading and (count := await remind(now=context.clock())):
                    _log.info("reminded", notices=count)


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
    return stop.is_set()


async def remind(*, now: datetime, page: int = _PAGE) -> int:
    """How many notices are new. NoEdition."""
    count = 0
    async with UnitOfWork(DB):
        titles = await titles_now()
    async for lists in _lists():
        async with UnitOfWork(DB):
            rounds = await repository.rounds([one.id for one in lists])
        for one in lists:
            count += await _go_through(one, rounds.get(one.id), titles, page=page, now=now)
    return count


async def _lists() -> AsyncIterator[Sequence[List]]:
    yield [OwnPlans(), EndingRecords()]
    after = _FIRST
    while True:
        async with UnitOfWork(DB):
            found = await assignments.marks(after, _LISTS)
        if found:
            yield [Members(mark) for mark in found]
            after = found[-1].organisation_id
        if len(found) < _LISTS:
            return


async def _go_through(
    one: List, last: Round | None, titles: Titles, *, page: int, now: datetime
) -> int:
    today, count = day_of(now), 0
    same = last is not None and (last.day, last.seen) == (today, one.seen)
    if last is not None and (last.day > today or (same and last.after is None)):
        return 0
    after: UUID | None = (last.after if same and last else None) or _FIRST
    while after is not None:
        async with UnitOfWork(DB):
            found = await one.page(titles, after=after, limit=page, now=now)
            told = await notices.told([(about.person_id, r.once) for r, about in found.items])
            new = [
                notice_of(reminder, about)
                for reminder, about in found.items
                if (about.person_id, reminder.once) not in told
            ]
            count += await notices.post(new, now=now)
            after = found.after
            await repository.keep_round(
                Round(list_id=one.id, day=today, after=after, seen=one.seen), now=now
            )
    return count
