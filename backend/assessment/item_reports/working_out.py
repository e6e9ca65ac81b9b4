"""Figures of exams, worked out by a worker and kept: nobody waits for them, nobody's answers are
read when they are shown."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import structlog

from backend.assessment.item_reports import repository
from backend.assessment.item_reports.reading import read
from backend.assessment.item_reports.repository import Sat
from backend.assessment.statistics.figures import FEWEST, exam_figures, worth_working_out
from infra.alone import alone
from infra.database import UnitOfWork
from infra.engine import DB
from infra.outage import AWAY
from infra.queue import WorkerContext

_EVERY_SECONDS = 900.0
_LOCK = 7_021_455_902_117_341
NEWEST = 20_000
"""People whose answers are read: a year's exam, in half a gigabyte and some minutes at most."""
NEWEST_EARLIER = 5_000
_log = structlog.get_logger(__name__)


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Until `stop`; one worker at a time."""
    while not stop.is_set():
        with suppress(*AWAY):
            async with alone(context.settings.database_url, _LOCK) as leading:
                if leading and (done := await work_out(context.clock())):
                    _log.info("exam statistics worked out", exams=done)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _EVERY_SECONDS)


async def work_out(now: datetime) -> list[str]:
    """Of the exams that enough people have sat since; their names."""
    async with UnitOfWork(DB):
        sat = await repository.sat()
    fresh = [one for one in sat if worth_working_out(one.people, one.kept_people)]
    for one in fresh:
        await _work_out(one, sat, now)
    return [f"{one.edition} {one.exam}" for one in fresh]


async def _work_out(one: Sat, sat: Sequence[Sat], now: datetime) -> None:
    found = await read(one.exam, one.edition, most=NEWEST)
    before = _edition_before(one, sat)
    earlier = await read(one.exam, before, most=NEWEST_EARLIER) if before else None
    pair = (before, earlier.by_question) if before and earlier else None
    figures = await asyncio.to_thread(
        exam_figures, found.by_question, found.whole, found.pass_share, pair
    )
    if figures.attempts < FEWEST:  # erased meanwhile
        return
    async with UnitOfWork(DB):
        await repository.keep(one.exam, one.edition, one.people, figures, found.wordings, now=now)


def _edition_before(one: Sat, sat: Sequence[Sat]) -> str | None:
    """The newest of those that began to be sat before, by as many as are shown."""
    older = [
        other
        for other in sat
        if other.exam == one.exam and other.begun < one.begun and other.people >= FEWEST
    ]
    return max(older, key=lambda other: other.begun).edition if older else None
