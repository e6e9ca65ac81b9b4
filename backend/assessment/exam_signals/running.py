"""Exam days are looked through once they are over, by a worker or from the terminal.

A signal says what was seen, how likely it is among honest people and on which papers; it takes
nothing from anybody and decides nothing.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta

import msgspec
import structlog

from backend.assessment.exam_signals.noting import Noted, note
from backend.assessment.exam_signals.reading import DayRead, day_begins, day_of, read
from backend.assessment.statistics.exam_day import Seen, look_through
from infra.alone import alone
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.ids import uuid7
from infra.outage import AWAY
from infra.queue import WorkerContext

SETTLED = timedelta(hours=3)
"""After midnight: exams begun before it are over, those left open are handed in."""
LOOK_BACK = timedelta(days=14)
_EVERY_SECONDS = 1800.0
_LOCK = 7_021_455_902_117_342
_NOTING = 7_021_455_902_117_343
# A day is due while no look at it since its end is kept; index scans of two weeks' attempts.
_DUE = """
SELECT DISTINCT a.exam_code, a.edition, (a.ended_at AT TIME ZONE 'Asia/Shanghai')::date AS day
FROM exam_attempt a
WHERE a.ended_at >= $1 AND a.ended_at < $2 AND NOT EXISTS (
    SELECT FROM exam_day_looked l WHERE l.exam_code = a.exam_code AND l.edition = a.edition
        AND l.day = (a.ended_at AT TIME ZONE 'Asia/Shanghai')::date
        AND l.looked_at >= (l.day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
ORDER BY day, a.exam_code, a.edition
"""
_EXAMS = """
SELECT DISTINCT exam_code, edition, $3::date AS day FROM exam_attempt
WHERE ended_at >= $1 AND ended_at < $2 ORDER BY 1, 2
"""
_LOOKED = """
INSERT INTO exam_day_looked (id, exam_code, edition, day, attempts, compared, signals, looked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_log = structlog.get_logger(__name__)


class Looked(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    exam: str
    edition: str
    day: date
    attempts: int
    pairs: int
    enough: bool
    """False: too few attempts to tell how people answer; only devices were looked at."""
    noted: list[Noted]
    """What was not noted before."""


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Until `stop`; one worker at a time."""
    while not stop.is_set():
        with suppress(*AWAY):
            async with alone(context.settings.database_url, _LOCK) as leading:
                for one in await look(context.clock()) if leading else []:
                    told = {"exam": one.exam, "edition": one.edition, "day": str(one.day)}
                    _log.info("exam day looked through", **told, signals=len(one.noted))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _EVERY_SECONDS)


async def look(now: datetime, day: date | None = None) -> list[Looked]:
    """At all days that are due, or at one again: what was noted is not noted twice."""
    done = []
    for exam, edition, at in await _due(now, day):
        if (found := await read(exam, edition, at)) is not None:
            seen = await asyncio.to_thread(look_through, found.day)
            done.append(await _keep(exam, edition, at, found, seen, now))
    return done


async def _due(now: datetime, day: date | None) -> Sequence[tuple[str, str, date]]:
    async with UnitOfWork(DB):
        if day is not None:
            begins = day_begins(day)
            rows = await connection().fetch(_EXAMS, begins, begins + timedelta(days=1), day)
        else:
            today = day_begins(day_of(now - SETTLED))
            rows = await connection().fetch(_DUE, today - LOOK_BACK, today)
    return [(row["exam_code"], row["edition"], row["day"]) for row in rows]


async def _keep(
    exam: str, edition: str, day: date, found: DayRead, seen: Seen, now: datetime
) -> Looked:
    """One at a time, and the look with its signals or neither."""
    async with UnitOfWork(DB):
        await connection().execute("SELECT pg_advisory_xact_lock($1)", _NOTING)
        noted = await note(exam, edition, found, seen.signals, now=now)
        kept = (found.today, seen.pairs, len(noted), now)
        await connection().execute(_LOOKED, uuid7(), exam, edition, day, *kept)
    return Looked(
        exam=exam,
        edition=edition,
        day=day,
        attempts=found.today,
        pairs=seen.pairs,
        enough=seen.enough,
        noted=noted,
    )
