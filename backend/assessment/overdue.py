"""Handing in for whoever went away: exams past their end are marked without anybody looking. And
what came too late for a record is looked at again (`owed.py`).

Another look at an attempt does the same at once; this is for those that nobody looks at. Several
workers may do it at the same time: each attempt is locked, and found ended by the second.
"""

import asyncio
from contextlib import suppress
from datetime import datetime

import structlog

from backend.assessment.finishing import finish_overdue
from backend.assessment.owed import look_at_owed
from infra.queue import WorkerContext

EVERY_SECONDS = 15.0
AT_ONCE = 500
"""A round; three thousand who leave their exams open take six, a minute's work."""
_log = structlog.get_logger(__name__)


async def hand_in(now: datetime) -> int:
    """All there are, a round at a time."""
    done = 0
    while found := await finish_overdue(limit=AT_ONCE, now=now):
        done += found
        if found < AT_ONCE:
            break
    return done


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Until `stop`."""
    while not stop.is_set():
        try:
            if done := await hand_in(context.clock()):
                _log.info("exams handed in at their end", count=done)
            await look_at_owed(context.clock())
        except Exception:  # a database that is away must not end the worker
            _log.exception("exams not handed in")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
