from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.progress import tables
from backend.progress.bitmap import Bitmap
from backend.progress.domain import Round
from backend.progress.heartbeats.domain import Seat
from backend.progress.heartbeats.repository import seat_of
from backend.progress.rules.domain import enough
from backend.progress.rules.of_lesson import values_of
from courses.format import Lesson
from courses.rules import LessonRule
from infra.database import connection
from infra.errors import NotFound
from infra.ids import uuid7


class EnrolmentNotFound(NotFound):
    """You have no such enrolment; GET /v1/enrolments lists yours."""

    zh = "您没有这个报名记录，可在报名列表中查看。"


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    learner_id: UUID
    programme_code: str
    edition: str
    edition_sha256: str
    demonstration: bool
    enrolled_at: datetime
    period: str | None = None
    round: int = 1

    @property
    def of_round(self) -> Round:
        return Round(self.period, self.round)

    def same_as(self, other: "Enrolment") -> bool:
        return self.of_round == other.of_round and (self.programme_code, self.edition) == (
            other.programme_code,
            other.edition,
        )


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """What a learner has seen of a lesson's lecture."""

    id: UUID
    enrolment_id: UUID
    lesson_code: str
    lecture_id: UUID
    duration_seconds: int
    watched: bytes
    pending: bytes
    watched_percent: int
    needs_questions: bool
    needs_reading_seconds: int
    read_seconds: int
    completed_at: datetime | None

    @property
    def rule(self) -> LessonRule:
        return LessonRule(
            watched_percent=self.watched_percent,
            check_questions=self.needs_questions,
            reading_seconds=self.needs_reading_seconds,
        )

    @property
    def counts(self) -> bool:
        """Enough was seen by somebody who was there."""
        return enough(self.watched_count, self.duration_seconds, self.watched_percent)

    @property
    def covered(self) -> bool:
        """Enough was seen, be it pending."""
        return enough(self.seen.seconds, self.duration_seconds, self.watched_percent)

    @property
    def seen(self) -> Bitmap:
        """What counts and what waits for a presence check."""
        return Bitmap.of(self.watched) | Bitmap.of(self.pending)

    @property
    def watched_count(self) -> int:
        """Seconds that count."""
        return Bitmap.of(self.watched).seconds

    @property
    def waiting_seconds(self) -> int:
        return Bitmap.of(self.pending).seconds


class LockedSeat(msgspec.Struct, frozen=True):
    active_play_session_id: UUID | None
    seat: Seat


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of a lesson or a class, or a correction of them; they count from `counts_on`."""

    id: UUID
    kind: str
    source: str
    enrolment_id: UUID | None
    module_code: str | None
    lesson_code: str | None
    lecture_id: UUID | None
    class_session_id: UUID | None
    seconds: int
    watched_seconds: int | None
    evidence_sha256: str
    completed_at: datetime
    counts_on: date

    @property
    def ref(self) -> str:
        """What evidence of a record calls it."""
        return str(self.lesson_code or self.class_session_id)


# What every screen, check and sync begins with is written out: Piccolo takes longer to compose
# these than PostgreSQL to answer them.
_ENROLMENTS = f"""
SELECT {", ".join(Enrolment.__struct_fields__)} FROM enrolment
WHERE learner_id = $1 ORDER BY enrolled_at DESC, id DESC
"""
_LOCK_SEAT = "SELECT * FROM learner_seat WHERE learner_id = $1 FOR NO KEY UPDATE"
_WATCHES = f"""
SELECT {", ".join(Watch.__struct_fields__)} FROM lesson_watch
WHERE learner_id = $1 AND enrolment_id = ANY($2::uuid[])
"""
_ENTRIES = f"""
SELECT {", ".join(Entry.__struct_fields__)} FROM ledger_entry
WHERE learner_id = $1 AND (enrolment_id = ANY($2::uuid[]) OR enrolment_id IS NULL)
ORDER BY lesson_code, id
"""


async def enrol(row: Enrolment, *, check_in_seconds: int) -> bool:
    """Whether the enrolment is new. Gives the learner a seat either way, and ends what was begun
    of the programme otherwise: it earns nothing any more. Of a year that is over, what was watched
    in it and is handed in late still counts."""
    table = tables.Enrolment
    new = (
        await table.insert(table(**msgspec.structs.asdict(row)))
        .on_conflict(target="enrolment_once_a_round", action="DO NOTHING")
        .returning(table.id)
    )
    seat = tables.LearnerSeat(
        learner_id=row.learner_id,
        active_play_session_id=None,
        day=row.enrolled_at.date(),
        day_seconds=0,
        day_pending=0,
        check_in_seconds=check_in_seconds,
    )
    await tables.LearnerSeat.insert(seat).on_conflict(
        target=tables.LearnerSeat.learner_id, action="DO NOTHING"
    )
    if new:
        await lock_seat(row.learner_id)  # before rows of watching, as everybody does
        await connection().execute(
            _LEAVE, row.learner_id, row.programme_code, row.id, row.enrolled_at, row.period
        )
    return bool(new)


async def enrolments(learner_id: UUID) -> list[Enrolment]:
    """Newest first; a learner has at most one a programme, edition and round."""
    return [Enrolment(**row) for row in await connection().fetch(_ENROLMENTS, learner_id)]


_ENROLMENT = """
SELECT id, learner_id, programme_code, edition, edition_sha256, demonstration, enrolled_at,
    period, round
FROM enrolment WHERE id = {} AND learner_id = {}
"""


async def enrolment(enrolment_id: UUID, *, learner_id: UUID) -> Enrolment:
    rows = await tables.Enrolment.raw(_ENROLMENT, enrolment_id, learner_id)
    if not rows:
        raise EnrolmentNotFound
    return msgspec.convert(rows[0], Enrolment)


async def enrolment_like(wanted: Enrolment) -> Enrolment:
    """The one that is there, of the same programme, edition and round."""
    found = await enrolments(wanted.learner_id)
    return next(one for one in found if one.same_as(wanted))


async def newer_enrolment(mine: Enrolment) -> bool:
    """Whether the learner has gone on to another edition or round of the programme."""
    table = tables.Enrolment
    return await table.exists().where(
        table.learner_id == mine.learner_id,
        table.programme_code == mine.programme_code,
        table.enrolled_at > mine.enrolled_at,
    )


async def lock_seat(learner_id: UUID) -> LockedSeat:
    """Lock the learner's progress. EnrolmentNotFound if seatless."""
    row = await connection().fetchrow(_LOCK_SEAT, learner_id)
    if row is None:
        raise EnrolmentNotFound
    return LockedSeat(row["active_play_session_id"], seat_of(row))


async def watches(learner_id: UUID, enrolment_ids: Iterable[UUID]) -> list[Watch]:
    rows = await connection().fetch(_WATCHES, learner_id, list(enrolment_ids))
    return [Watch(**row) for row in rows]


async def entries(learner_id: UUID, enrolment_ids: Iterable[UUID]) -> list[Entry]:
    """Theirs, and those of classes, which belong to the learner alone."""
    rows = await connection().fetch(_ENTRIES, learner_id, list(enrolment_ids))
    return [Entry(**row) for row in rows]


def balances(entries: Iterable[Entry], until: date = date.max) -> dict[str, int]:
    """By lesson, what its entries add up to; a lesson taken back whole is not among them."""
    sums: dict[str, int] = {}
    for entry in entries:
        if entry.lesson_code is not None and entry.counts_on <= until:
            sums[entry.lesson_code] = sums.get(entry.lesson_code, 0) + entry.seconds
    return {lesson: seconds for lesson, seconds in sums.items() if seconds > 0}


class CheckedAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """The last answers to a lesson's check questions; `passed`: these, or any before them."""

    enrolment_id: UUID
    lesson_code: str
    answers: dict[str, list[str]]
    passed: bool

    def right(self, lesson: Lesson) -> int:
        """How many of the lesson's questions need no answer any more."""
        every = lesson.check_questions
        if self.passed:
            return len(every)
        return sum(set(self.answers.get(one.id, ())) == set(one.key) for one in every)


_CHECKS = """
SELECT DISTINCT ON (enrolment_id, lesson_code) enrolment_id, lesson_code, answers,
       bool_or(passed) OVER (PARTITION BY enrolment_id, lesson_code) AS passed
FROM lesson_check WHERE learner_id = $1 AND enrolment_id = ANY($2::uuid[])
ORDER BY enrolment_id, lesson_code, answered_at DESC
"""


async def last_checks(learner_id: UUID, enrolment_ids: Iterable[UUID]) -> list[CheckedAnswers]:
    rows = await connection().fetch(_CHECKS, learner_id, list(enrolment_ids))
    return [
        CheckedAnswers(
            enrolment_id=row["enrolment_id"],
            lesson_code=row["lesson_code"],
            answers=msgspec.json.decode(row["answers"]),
            passed=row["passed"],
        )
        for row in rows
    ]


_WATCH = """
INSERT INTO lesson_watch (id, learner_id, enrolment_id, lesson_code, module_code, lecture_id,
    duration_seconds, credit_seconds, watched, watched_seconds, pending, pending_seconds,
    questions_passed_at, watched_percent, needs_questions, needs_reading_seconds, read_seconds)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $9, 0, (
    SELECT min(answered_at) FROM lesson_check
    WHERE learner_id = $2 AND enrolment_id = $3 AND lesson_code = $4::varchar
      AND passed), $10, $11, $12, 0)
ON CONFLICT ON CONSTRAINT lesson_watch_one_per_lecture DO UPDATE SET id = lesson_watch.id
RETURNING id, enrolment_id, lesson_code, lecture_id, duration_seconds, watched, pending,
    watched_percent, needs_questions, needs_reading_seconds, read_seconds, completed_at
"""
_LEAVE = """
UPDATE lesson_watch w SET left_at = $4 FROM enrolment e
WHERE w.learner_id = $1 AND w.left_at IS NULL AND e.id = w.enrolment_id
  AND e.learner_id = $1 AND e.programme_code = $2 AND e.id <> $3
  AND e.period IS NOT DISTINCT FROM $5
"""


async def watch_of(
    enrolment: Enrolment,
    *,
    lesson_code: str,
    module_code: str,
    lecture_id: UUID,
    duration_seconds: int,
    credit_seconds: int,
    rule: LessonRule,
) -> Watch:
    """The learner's watch of this lecture; what it is worth, and what completes it, are fixed when
    it is first opened."""
    row: Any = await connection().fetchrow(
        _WATCH,
        uuid7(),
        enrolment.learner_id,
        enrolment.id,
        lesson_code,
        module_code,
        lecture_id,
        duration_seconds,
        credit_seconds,
        Bitmap().to_bytes(duration_seconds),
        *values_of(rule),
    )
    return msgspec.convert(dict(row), Watch)


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how a lesson is opened, as its play session keeps it."""

    device_id: UUID | None
    edition: str
    rate_percent: int


async def take_seat(
    learner_id: UUID, watch: Watch, opening: Opening, *, instead_of: UUID | None, now: datetime
) -> UUID:
    """Open a play session and close the one before it; the caller has locked the seat."""
    table, session_id = tables.PlaySession, uuid7()
    if instead_of is not None:
        await table.update({table.closed_at: now}).where(
            table.learner_id == learner_id, table.id == instead_of
        )
    await table.insert(
        table(
            id=session_id,
            learner_id=learner_id,
            lesson_watch_id=watch.id,
            lecture_id=watch.lecture_id,
            **msgspec.structs.asdict(opening),
            credited_seconds=0,
            started_at=now,
            clock_from=now,
            beats=0,
            beat_gap_ms=0,
            beat_gap_square=0,
        )
    )
    await tables.LearnerSeat.update({tables.LearnerSeat.active_play_session_id: session_id}).where(
        tables.LearnerSeat.learner_id == learner_id
    )
    return session_id


async def store_check(
    enrolment: Enrolment,
    lesson_code: str,
    answers: Mapping[str, list[str]],
    *,
    passed: bool,
    now: datetime,
) -> None:
    check = tables.LessonCheck(
        id=uuid7(),
        learner_id=enrolment.learner_id,
        enrolment_id=enrolment.id,
        lesson_code=lesson_code,
        answers=dict(answers),
        passed=passed,
        answered_at=now,
    )
    await tables.LessonCheck.insert(check)
    if passed:
        watch = tables.LessonWatch
        await watch.update({watch.questions_passed_at: now}).where(
            watch.learner_id == enrolment.learner_id,
            watch.enrolment_id == enrolment.id,
            watch.lesson_code == lesson_code,
            watch.questions_passed_at.is_null(),
        )


async def note_playlist(learner_id: UUID, session_id: UUID, column: str, now: datetime) -> None:
    """The first time only; a session of somebody else's is not there."""
    await tables.PlaySession.raw(
        f"UPDATE play_session SET {column} = {{}}"
        f" WHERE learner_id = {{}} AND id = {{}} AND {column} IS NULL",
        now,
        learner_id,
        session_id,
    )
