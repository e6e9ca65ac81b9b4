"""What of learning the home screen shows: how far each enrolment is, where to go on, what is open
on a device now, and the class hours of the year."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

import msgspec

from backend.progress import repository
from backend.progress.domain import Round, resume_second, shanghai_day
from backend.progress.repository import Enrolment
from backend.progress.schemas import Words
from backend.progress.screens import Standing, standings, words
from backend.progress.tables import Enrolment as Enrolments
from courses.programmes import lessons_of
from infra.database import connection

HEARD_WITHIN = timedelta(minutes=2)
"""A player reports every 20 s; one that was silent for longer is not watched now."""
_LAST = """
SELECT s.id, s.device_id, w.enrolment_id, w.lesson_code, s.started_at, s.closed_at,
    coalesce(s.last_beat_at, s.started_at) AS heard_at, l.open_check_id
FROM learner_seat l
JOIN play_session s ON s.learner_id = l.learner_id AND s.id = l.active_play_session_id
JOIN lesson_watch w ON w.learner_id = l.learner_id AND w.id = s.lesson_watch_id
WHERE l.learner_id = $1
"""
_YEAR = """
SELECT coalesce(sum(seconds), 0)::bigint FROM ledger_entry
WHERE learner_id = $1 AND counts_on BETWEEN $2 AND $3
"""


class NextLesson(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    title: Words
    resume_second: int
    duration_seconds: int | None
    begun: bool


class Going(msgspec.Struct, frozen=True, kw_only=True):
    """An enrolment."""

    enrolment_id: UUID
    programme: str
    title: Words
    edition: str
    of_round: Round
    over: bool
    """The year it is for is over."""
    newest: bool
    """Of the programme; an older one is a year whose exam is still open."""
    enrolled_at: datetime
    earned_seconds: int
    required_seconds: int
    missing: Words | None
    next: NextLesson | None
    """None when all lessons are complete, and the hours of electives met."""
    older: tuple[UUID, ...]
    """Enrolments in the same round that were left for this one, newest first."""

    @property
    def percent(self) -> int:
        """Rounded down; 100 exactly when nothing is missing."""
        if self.missing is None:
            return 100
        return min(99, 100 * self.earned_seconds // max(1, self.required_seconds))


class LastOpened(msgspec.Struct, frozen=True, kw_only=True):
    """The lesson that was opened last, on whichever device."""

    play_session_id: UUID
    enrolment_id: UUID
    lesson: str
    device_id: UUID | None
    started_at: datetime
    open_now: bool
    presence_check_id: UUID | None
    """That waits to be answered."""


class AtHome(msgspec.Struct, frozen=True, kw_only=True):
    going: tuple[Going, ...]
    last: LastOpened | None
    year: int
    year_seconds: int


async def at_home(learner_id: UUID, *, now: datetime) -> AtHome:
    """In the caller's unit of work. Nine statements, a tenth where there are several editions, and
    what the editions cost, however many enrolments there are."""
    found = await standings(await repository.enrolments(learner_id), now=now)
    last, today = await _last(learner_id, now=now), shanghai_day(now)
    return AtHome(
        going=tuple(
            _going(standing, found, last)
            for standing in found
            if not standing.left and (_newest(standing, found) or _exam_left(standing))
        ),
        last=last,
        year=today.year,
        year_seconds=int(
            await connection().fetchval(_YEAR, learner_id, date(today.year, 1, 1), today)
        ),
    )


async def rounds_of(enrolment_ids: Sequence[UUID]) -> dict[UUID, tuple[str, Round]]:
    """Code of each one's programme, and the round. At least one; one statement."""
    row = Enrolments
    rows = await row.select(row.id, row.programme_code, row.period, row.round).where(
        row.id.is_in(list(enrolment_ids))
    )
    return {one["id"]: (one["programme_code"], Round(one["period"], one["round"])) for one in rows}


async def _last(learner_id: UUID, *, now: datetime) -> LastOpened | None:
    row: Any = await connection().fetchrow(_LAST, learner_id)
    if row is None:
        return None
    return LastOpened(
        play_session_id=row["id"],
        enrolment_id=row["enrolment_id"],
        lesson=row["lesson_code"],
        device_id=row["device_id"],
        started_at=row["started_at"],
        open_now=row["closed_at"] is None and now - row["heard_at"] < HEARD_WITHIN,
        presence_check_id=row["open_check_id"],
    )


def _older(mine: Enrolment, found: Sequence[Standing]) -> tuple[UUID, ...]:
    return tuple(
        one.enrolment.id
        for one in found
        if one.enrolment.programme_code == mine.programme_code
        and one.enrolment.of_round == mine.of_round
        and one.enrolment.enrolled_at < mine.enrolled_at
    )


def _newest(standing: Standing, found: Sequence[Standing]) -> bool:
    """They come newest first."""
    code = standing.enrolment.programme_code
    return standing is next(one for one in found if one.enrolment.programme_code == code)


def _exam_left(standing: Standing) -> bool:
    """A year whose hours were met in it."""
    return standing.over and standing.missing is None


def _going(standing: Standing, found: Sequence[Standing], last: LastOpened | None) -> Going:
    """Not by way of the whole screen: one lesson is shown of some seventy."""
    mine, hours = standing.enrolment, standing.hours()
    missing = standing.missing
    return Going(
        enrolment_id=mine.id,
        programme=mine.programme_code,
        title=words(standing.learned.programme.title),
        edition=mine.edition,
        of_round=mine.of_round,
        over=standing.over,
        newest=_newest(standing, found),
        enrolled_at=mine.enrolled_at,
        earned_seconds=hours.earned_seconds,
        required_seconds=hours.required_seconds,
        missing=Words(missing.zh, missing.en) if missing else None,
        next=None if standing.over else _next(standing, last),
        older=_older(mine, found),
    )


def _next(standing: Standing, last: LastOpened | None) -> NextLesson | None:
    """The lesson opened last, if it is not complete; else the first that is not. Electives come
    after the rest, as long as their hours are missing."""
    learned = standing.learned
    choices = [standing.lessons_of_choice(one) for one in learned.electives if one.missing_seconds]
    complete = learned.balances()
    every = chain(lessons_of(learned.edition, learned.programme), *choices)
    left = [one for one in every if one.code not in complete]
    if last is not None and last.enrolment_id == standing.enrolment.id:
        left.sort(key=lambda one: one.code != last.lesson)
    found = next((one for one in left if standing.lock(one) is None), None)
    if found is None:
        return None
    lesson = standing.lesson(found)
    return NextLesson(
        code=lesson.code,
        title=lesson.title,
        resume_second=_resume_second(standing, lesson.code),
        duration_seconds=lesson.duration_seconds,
        begun=lesson.watched_seconds > 0,
    )


def _resume_second(standing: Standing, lesson: str) -> int:
    """By the watch with the most seconds, as the lesson's own screen counts."""
    watches = [watch for watch in standing.watches if watch.lesson_code == lesson]
    best = max(watches, key=lambda watch: watch.seen.seconds, default=None)
    if best is None or best.covered:
        return 0
    return resume_second(best.seen, best.duration_seconds)
