"""Rows of who was there: scans, and the hours that were entered for them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

import asyncpg
import msgspec

from backend.class_sessions.domain import HoursEntry, Scan, SessionState, Span
from backend.class_sessions.elsewhere import Visit
from backend.class_sessions.repository import Seat
from backend.class_sessions.tables import AttendanceEntry, ClassScan
from infra.database import connection
from infra.ids import uuid7

_PERSON_LOCK = 0x636C6173  # "clas"
_LOCK_PEOPLE = """
SELECT pg_advisory_xact_lock(k) FROM (
    SELECT DISTINCT hashtextextended(p::text, $2) AS k FROM unnest($1::uuid[]) p ORDER BY k
) keys
"""
_HOURS = """
SELECT e.session, s.module, s.title, s.organiser, e.counts_on, sum(e.seconds)::int AS seconds
FROM attendance_entry e JOIN class_session s ON s.id = e.session
WHERE e.person = $1 GROUP BY e.session, s.module, s.title, s.organiser, e.counts_on
HAVING sum(e.seconds) > 0 ORDER BY e.counts_on, e.session
"""


# Those of a cancelled class count for nothing; neither does whoever is absent from a confirmed one.
_SCANS_ELSEWHERE = """
SELECT t.id AS seat, s.begins_at, s.ends_at, s.state, c.purpose, c.at
FROM class_session here
JOIN class_seat t ON t.person = $1 AND t.session <> here.id AND t.outcome IS DISTINCT FROM 'absent'
JOIN class_session s ON s.id = t.session AND s.state <> 'cancelled'
 AND s.begins_at < here.ends_at + $3 AND s.ends_at > here.begins_at - $3
JOIN class_scan c ON c.seat = t.id
WHERE here.id = $2 ORDER BY t.id, c.at
"""
_AROUND = timedelta(days=1)  # wider than codes are taken before and after any class


class HoursOn(msgspec.Struct, frozen=True):
    """Class hours of one person in one class on one day."""

    session: UUID
    module: str | None
    title: str
    organiser: UUID
    counts_on: date
    seconds: int


async def add_scan(
    seat_id: UUID,
    scan: Scan,
    *,
    step: int | None,
    reason: str | None,
    by: UUID,
    now: datetime,
) -> None:
    """The same code twice is one scan."""
    await ClassScan.insert(
        ClassScan(
            id=uuid7(),
            seat=seat_id,
            purpose=scan.purpose,
            at=scan.at,
            step=step,
            reason=reason,
            recorded_by=by,
            recorded_at=now,
        )
    ).on_conflict(target=(ClassScan.seat, ClassScan.purpose, ClassScan.step), action="DO NOTHING")


async def scans_of(seat_ids: Collection[UUID]) -> dict[UUID, list[Scan]]:
    found: dict[UUID, list[Scan]] = defaultdict(list)
    if seat_ids:
        rows = (
            await ClassScan.select(ClassScan.seat, ClassScan.purpose, ClassScan.at)
            .where(ClassScan.seat.is_in(list(seat_ids)))
            .order_by(ClassScan.at)
        )
        for row in rows:
            found[row["seat"]].append(Scan(row["purpose"], row["at"]))
    return found


async def visits_elsewhere(person_id: UUID, session_id: UUID) -> list[Visit]:
    """Other classes of about the same time that the person was scanned in."""
    rows = await connection().fetch(_SCANS_ELSEWHERE, person_id, session_id, _AROUND)
    by_seat = groupby(rows, key=lambda row: row["seat"])
    return [_visit(list(scans)) for _, scans in by_seat]


def _visit(rows: list[asyncpg.Record]) -> Visit:
    first = rows[0]
    return Visit(
        Span(first["begins_at"], first["ends_at"]),
        SessionState(first["state"]),
        [Scan(row["purpose"], row["at"]) for row in rows],
    )


async def lock_people(people: Collection[UUID]) -> None:
    """Hours of one person are entered one after the other, over all classes: a day has a limit."""
    await connection().execute(_LOCK_PEOPLE, list(people), _PERSON_LOCK)


def new_entries(
    seat: Seat,
    entries: Iterable[HoursEntry],
    *,
    kind: str,
    reason: str | None,
    by: UUID,
    now: datetime,
) -> list[AttendanceEntry]:
    return [
        AttendanceEntry(
            id=uuid7(),
            person=seat.person,
            seat=seat.id,
            session=seat.session,
            kind=kind,
            counts_on=entry.counts_on,
            seconds=entry.seconds,
            reason=reason,
            entered_by=by,
            entered_at=now,
        )
        for entry in entries
    ]


async def insert_entries(rows: list[AttendanceEntry]) -> None:
    if rows:
        await AttendanceEntry.insert(*rows)


async def entries_of(seat_ids: Collection[UUID]) -> dict[UUID, list[HoursEntry]]:
    found: dict[UUID, list[HoursEntry]] = defaultdict(list)
    if seat_ids:
        rows = (
            await AttendanceEntry.select()
            .where(AttendanceEntry.seat.is_in(list(seat_ids)))
            .order_by(AttendanceEntry.id)
        )
        for row in rows:
            found[row["seat"]].append(HoursEntry(row["counts_on"], row["seconds"]))
    return found


async def hours_of(person_id: UUID) -> list[HoursOn]:
    rows = await connection().fetch(_HOURS, person_id)
    return [msgspec.convert(dict(row), HoursOn) for row in rows]
