"""The rows behind a batch of heartbeats: one statement lays them out, one puts them back, whatever
the batch's size.

Bulk statements over `unnest` on the transaction's own connection: thirty times what a row at a time
gives. Each joins on the learner, so that PostgreSQL looks into one partition for each row. Only
`heartbeat_desk` (a function in the database) locks: the learners' seats, in key order.

`LIMIT cardinality(...)` leaves out nothing. It has the planner expect one row, so that it looks
each one up by primary key, with one plan for every batch. Without it a batch of two was planned
anew each time or read whole tables: three and a half times the processor time.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from backend.progress.bitmap import Bitmap
from backend.progress.domain import Day
from backend.progress.heartbeats.domain import OpenCheck, PlaySession, Seat, Watched
from backend.progress.rules.of_lesson import rule_of
from infra.database import connection
from infra.ids import uuid7

_DESK = "SELECT * FROM heartbeat_desk($1, $2)"
_STORE = """
WITH sessions AS (
    UPDATE play_session s SET credited_seconds = n.credited, beats = n.beats,
        last_beat_at = n.beat_at, beat_gap_ms = n.gap, beat_gap_square = n.square
    FROM (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::timestamptz[],
        $6::bigint[], $7::bigint[]) AS rows(learner_id, id, credited, beats, beat_at, gap, square)
        LIMIT cardinality($1)) AS n
    WHERE s.learner_id = n.learner_id AND s.id = n.id
), watches AS (
    UPDATE lesson_watch w SET pending = n.pending, pending_seconds = n.seconds
    FROM (SELECT * FROM unnest($8::uuid[], $9::uuid[], $10::bytea[], $11::int[])
        AS rows(learner_id, id, pending, seconds) LIMIT cardinality($8)) AS n
    WHERE w.learner_id = n.learner_id AND w.id = n.id
), checks AS (
    INSERT INTO presence_check (id, learner_id, enrolment_id, lesson_watch_id, lesson_code,
        issued_at, wrong_tries)
    SELECT n.*, 0 FROM unnest($12::uuid[], $13::uuid[], $14::uuid[], $15::uuid[], $16::text[],
        $17::timestamptz[]) AS n
)
UPDATE learner_seat l SET day = n.day, day_seconds = n.seconds, day_pending = n.pending,
    check_in_seconds = n.check_in, open_check_id = n.check_id, check_issued_at = n.issued_at
FROM (SELECT * FROM unnest($18::uuid[], $19::date[], $20::int[], $21::int[], $22::int[],
    $23::uuid[], $24::timestamptz[]) AS rows(id, day, seconds, pending, check_in, check_id,
    issued_at) LIMIT cardinality($18)) AS n
WHERE l.learner_id = n.id
"""
_LONGEST_GAP = timedelta(hours=1)  # a longer silence says nothing about regularity


class SeatRow(msgspec.Struct):
    active_play_session_id: UUID | None
    seat: Seat


class Watch(msgspec.Struct):
    """A lecture as the batch goes on; sessions of one lesson share it."""

    id: UUID
    enrolment_id: UUID
    lesson_code: str
    state: Watched


class Beats(msgspec.Struct):
    """When events came, for integrity signals: number, milliseconds between and their squares."""

    count: int
    last_at: datetime | None
    gap_ms: int
    gap_square: int

    def came(self, now: datetime) -> None:
        """Several events that come together are one beat."""
        if self.last_at is not None and now <= self.last_at:
            return
        if self.last_at is not None and now - self.last_at < _LONGEST_GAP:
            gap = (now - self.last_at) // timedelta(milliseconds=1)
            self.gap_ms += gap
            self.gap_square += gap * gap
        self.count, self.last_at = self.count + 1, now


class Session(msgspec.Struct):
    id: UUID
    learner_id: UUID
    state: PlaySession
    beats: Beats
    watch: Watch


class Issued(msgspec.Struct):
    """A presence check that fell due in this batch."""

    check: OpenCheck
    session: Session


class Desk(msgspec.Struct):
    """What a batch works on, read after its learners were locked."""

    seats: dict[UUID, SeatRow]
    sessions: dict[tuple[UUID, UUID], Session]
    """By learner and session: another learner's session is simply not there."""
    changed: dict[UUID, Session] = {}
    issued: list[Issued] = []

    def issue(self, session: Session, now: datetime) -> None:
        check = OpenCheck(uuid7(), now)
        row = self.seats[session.learner_id]
        row.seat = row.seat.challenged(check)
        self.issued.append(Issued(check, session))


async def lay_out(asked: Iterable[tuple[UUID, UUID]]) -> Desk:
    """`asked`: learner and session. Locks the learners' seats."""
    pairs = set(asked)
    rows = await connection().fetch(_DESK, [p for p, _ in pairs], [s for _, s in pairs])
    seats = {row["learner_id"]: _seat(row) for row in rows}
    found = [row for row in rows if row["id"] is not None]
    watches = {row["lesson_watch_id"]: _watch(row) for row in found}
    return Desk(
        seats=seats,
        sessions={
            (row["learner_id"], row["id"]): _session(
                row, watches[row["lesson_watch_id"]], seats[row["learner_id"]]
            )
            for row in found
        },
    )


async def put_back(desk: Desk) -> None:
    """What `changed`, in one statement. Seats that granted nothing stay as they are."""
    sessions = list(desk.changed.values())
    watches = {s.watch.id: s for s in sessions}.values()
    seats = {s.learner_id: desk.seats[s.learner_id].seat for s in sessions}
    await connection().execute(
        _STORE,
        [s.learner_id for s in sessions],
        [s.id for s in sessions],
        [s.state.credited_seconds for s in sessions],
        [s.beats.count for s in sessions],
        [s.beats.last_at for s in sessions],
        [s.beats.gap_ms for s in sessions],
        [s.beats.gap_square for s in sessions],
        [s.learner_id for s in watches],
        [s.watch.id for s in watches],
        [s.watch.state.pending.to_bytes(s.watch.state.duration_seconds) for s in watches],
        [s.watch.state.pending.seconds for s in watches],
        [one.check.id for one in desk.issued],
        [one.session.learner_id for one in desk.issued],
        [one.session.watch.enrolment_id for one in desk.issued],
        [one.session.watch.id for one in desk.issued],
        [one.session.watch.lesson_code for one in desk.issued],
        [one.check.issued_at for one in desk.issued],
        list(seats),
        [seat.day.date for seat in seats.values()],
        [seat.day.seconds for seat in seats.values()],
        [seat.day.pending for seat in seats.values()],
        [seat.check_in_seconds for seat in seats.values()],
        [seat.open_check and seat.open_check.id for seat in seats.values()],
        [seat.open_check and seat.open_check.issued_at for seat in seats.values()],
    )


def _seat(row: Any) -> SeatRow:
    return SeatRow(row["active_play_session_id"], seat_of(row))


def seat_of(row: Any) -> Seat:
    asked = row["open_check_id"]
    return Seat(
        day=Day(date=row["day"], seconds=row["day_seconds"], pending=row["day_pending"]),
        check_in_seconds=row["check_in_seconds"],
        open_check=OpenCheck(asked, row["check_issued_at"]) if asked else None,
    )


def _watch(row: Any) -> Watch:
    return Watch(row["lesson_watch_id"], row["enrolment_id"], row["lesson_code"], watched_of(row))


def watched_of(row: Any) -> Watched:
    return Watched(
        duration_seconds=row["duration_seconds"],
        watched=Bitmap.of(row["watched"]),
        pending=Bitmap.of(row["pending"]),
        rule=rule_of(row),
        questions_passed=row["questions_passed_at"] is not None,
        complete=row["completed_at"] is not None,
        left=row["left_at"] is not None,
    )


def _session(row: Any, watch: Watch, seat: SeatRow) -> Session:
    state = PlaySession(
        started_at=row["started_at"],
        clock_from=row["clock_from"],
        rate_percent=row["rate_percent"],
        credited_seconds=row["credited_seconds"],
        active=seat.active_play_session_id == row["id"],
        playing=row["playing"],
    )
    beats = Beats(row["beats"], row["last_beat_at"], row["beat_gap_ms"], row["beat_gap_square"])
    return Session(row["id"], row["learner_id"], state, beats, watch)
