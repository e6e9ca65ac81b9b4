"""The rows behind a batch of heartbeats: one lock, one read, one write, whatever the batch's size.

Bulk statements over `unnest` on the transaction's own connection: thirty times what a row at a time
gives. Only `lock_seats` locks, in key order, so batches of several processes cannot deadlock.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.progress.bitmap import Bitmap
from backend.progress.domain import Day
from infra.database import connection

_LOCK = """
SELECT learner_id, active_play_session_id, day, day_seconds FROM learner_seat
WHERE learner_id = ANY($1::uuid[]) ORDER BY learner_id FOR NO KEY UPDATE
"""
_READ = """
SELECT s.id, s.learner_id, s.started_at, s.credited_seconds, s.lesson_watch_id,
       w.lesson_code, w.duration_seconds, w.watched, w.completed_at
FROM unnest($1::uuid[], $2::uuid[]) AS asked(id, learner_id)
JOIN play_session s ON s.id = asked.id AND s.learner_id = asked.learner_id
JOIN lesson_watch w ON w.id = s.lesson_watch_id
"""
_STORE = """
WITH sessions AS (
    UPDATE play_session s SET credited_seconds = n.credited
    FROM unnest($1::uuid[], $2::int[]) AS n(id, credited) WHERE s.id = n.id
), watches AS (
    UPDATE lesson_watch w SET watched = n.watched, watched_seconds = n.seconds
    FROM unnest($3::uuid[], $4::bytea[], $5::int[]) AS n(id, watched, seconds) WHERE w.id = n.id
)
UPDATE learner_seat l SET day = n.day, day_seconds = n.seconds
FROM unnest($6::uuid[], $7::date[], $8::int[]) AS n(id, day, seconds) WHERE l.learner_id = n.id
"""


class Seat(msgspec.Struct):
    active_play_session_id: UUID | None
    day: Day


class Watch(msgspec.Struct):
    """A lesson's watched seconds as the batch goes on; sessions of one lesson share it."""

    id: UUID
    lesson_code: str
    duration_seconds: int
    seconds: Bitmap
    completed_at: datetime | None


class Session(msgspec.Struct):
    id: UUID
    learner_id: UUID
    started_at: datetime
    credited_seconds: int
    watch: Watch


class Desk(msgspec.Struct):
    """What a batch works on, read after its learners were locked."""

    seats: dict[UUID, Seat]
    sessions: dict[tuple[UUID, UUID], Session]
    """By learner and session: another learner's session is simply not there."""


async def lay_out(asked: Iterable[tuple[UUID, UUID]]) -> Desk:
    """`asked`: learner and session. The read is a statement of its own: only so does it see what
    the transactions it waited for have written."""
    pairs = sorted(set(asked))
    learners = sorted({learner for learner, _ in pairs})
    locked = await connection().fetch(_LOCK, learners)
    rows = await connection().fetch(_READ, [s for _, s in pairs], [p for p, _ in pairs])
    watches = {row["lesson_watch_id"]: _watch(row) for row in rows}
    return Desk(
        seats={row["learner_id"]: _seat(row) for row in locked},
        sessions={
            (row["learner_id"], row["id"]): _session(row, watches[row["lesson_watch_id"]])
            for row in rows
        },
    )


async def put_back(desk: Desk, changed: Iterable[Session]) -> None:
    sessions = list(changed)
    watches = {session.watch.id: session.watch for session in sessions}.values()
    learners = list({session.learner_id for session in sessions})
    await connection().execute(
        _STORE,
        [session.id for session in sessions],
        [session.credited_seconds for session in sessions],
        [watch.id for watch in watches],
        [watch.seconds.to_bytes(watch.duration_seconds) for watch in watches],
        [watch.seconds.seconds for watch in watches],
        learners,
        [desk.seats[learner].day.date for learner in learners],
        [desk.seats[learner].day.seconds for learner in learners],
    )


def _seat(row: Any) -> Seat:
    day = Day(date=row["day"], seconds=row["day_seconds"])
    return Seat(active_play_session_id=row["active_play_session_id"], day=day)


def _watch(row: Any) -> Watch:
    return Watch(
        id=row["lesson_watch_id"],
        lesson_code=row["lesson_code"],
        duration_seconds=row["duration_seconds"],
        seconds=Bitmap.of(row["watched"]),
        completed_at=row["completed_at"],
    )


def _session(row: Any, watch: Watch) -> Session:
    return Session(
        id=row["id"],
        learner_id=row["learner_id"],
        started_at=row["started_at"],
        credited_seconds=row["credited_seconds"],
        watch=watch,
    )
