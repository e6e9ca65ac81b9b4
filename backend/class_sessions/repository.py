"""Rows of classes, their seats and who was there."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from backend.class_sessions.domain import (
    DeviceOfAnotherSeat,
    NoSuchClass,
    NoSuchSeat,
    SeatState,
    SessionState,
    Span,
    Times,
)
from backend.class_sessions.tables import (
    ClassInstructor,
    ClassSeat,
    ClassSession,
)
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.ids import uuid7

# Upcoming classes that are open to everyone or to members of these organisations; a class one
# has a seat in is found among one's own.
_OPEN_TO = """
SELECT * FROM class_session
WHERE state = 'planned' AND ends_at > $1 AND (NOT members_only OR organiser = ANY($2::uuid[]))
  AND (begins_at, id) > ($3, $4)
ORDER BY begins_at, id LIMIT $5
"""
_OF_ORGANISERS = """
SELECT s.* FROM class_session s
WHERE (organiser = ANY($1::uuid[])
       OR organiser = ANY($2::uuid[])
          AND EXISTS (SELECT 1 FROM class_instructor i WHERE i.session = s.id AND i.person = $3))
  AND id < $4
ORDER BY id DESC LIMIT $5
"""
_SEATS_TAKEN = """
SELECT session, count(*) FILTER (WHERE state = 'enrolled') AS enrolled,
       count(*) FILTER (WHERE state = 'waiting') AS waiting
FROM class_seat WHERE session = ANY($1::uuid[]) GROUP BY session
"""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    organiser: UUID
    title: str
    module: str | None
    place: str
    capacity: int
    members_only: bool
    begins_at: datetime
    ends_at: datetime
    breaks: tuple[Span, ...]
    planned_seconds: int
    state: SessionState

    @property
    def whole(self) -> Span:
        return Span(self.begins_at, self.ends_at)

    @property
    def times(self) -> Times:
        return Times(self.whole, self.breaks, self.planned_seconds)


class Seat(msgspec.Struct, frozen=True):
    id: UUID
    session: UUID
    person: UUID
    state: SeatState
    queued_at: datetime
    device_index: bytes | None
    outcome: str | None


class Taken(msgspec.Struct, frozen=True):
    enrolled: int = 0
    waiting: int = 0


def _session(row: "dict[str, object] | asyncpg.Record") -> Session:
    found = dict(row)
    breaks = msgspec.json.decode(str(found["breaks"]), type=tuple[Span, ...])
    return msgspec.convert({**found, "breaks": breaks}, Session)


async def add_session(session: Session, *, created_by: UUID, now: datetime) -> None:
    await ClassSession.insert(
        ClassSession(
            **{
                **{name: getattr(session, name) for name in session.__struct_fields__},
                "breaks": msgspec.json.encode(session.breaks).decode(),
            },
            created_by=created_by,
            created_at=now,
        )
    )


async def add_instructors(session_id: UUID, people: Iterable[UUID]) -> None:
    rows = [ClassInstructor(id=uuid7(), session=session_id, person=p) for p in sorted(set(people))]
    await ClassInstructor.insert(*rows)


async def session_of(session_id: UUID) -> Session:
    row = await ClassSession.select().where(ClassSession.id == session_id).first()
    if row is None:
        raise NoSuchClass
    return _session(row)


async def lock_session(session_id: UUID) -> Session:
    """Seats of one class are given, and its list is confirmed, one after the other."""
    row = (
        await ClassSession.select().where(ClassSession.id == session_id).first().lock_rows("UPDATE")
    )
    if row is None:
        raise NoSuchClass
    return _session(row)


async def hold_session(session_id: UUID) -> Session:
    """As it stays until the transaction ends: who scans must not be passed by a confirmation."""
    row = (
        await ClassSession.select().where(ClassSession.id == session_id).first().lock_rows("SHARE")
    )
    if row is None:
        raise NoSuchClass
    return _session(row)


async def sessions(ids: Collection[UUID]) -> dict[UUID, Session]:
    if not ids:
        return {}
    rows = await ClassSession.select().where(ClassSession.id.is_in(list(ids)))
    return {row["id"]: _session(row) for row in rows}


async def open_to(
    organisations: list[UUID], *, after: tuple[datetime, UUID], limit: int, now: datetime
) -> list[Session]:
    rows = await connection().fetch(_OPEN_TO, now, organisations, *after, limit)
    return [_session(row) for row in rows]


async def looked_after_by(
    person_id: UUID, managed: list[UUID], member_of: list[UUID], *, before: UUID, limit: int
) -> list[Session]:
    """Those of organisers the person manages, and those the person teaches for organisers where
    they still are; the newest first."""
    rows = await connection().fetch(_OF_ORGANISERS, managed, member_of, person_id, before, limit)
    return [_session(row) for row in rows]


async def teaches(person_id: UUID, session_id: UUID) -> bool:
    return await ClassInstructor.exists().where(
        ClassInstructor.session == session_id, ClassInstructor.person == person_id
    )


async def decide(
    session_id: UUID, state: SessionState, *, by: UUID, because: str | None, now: datetime
) -> None:
    await ClassSession.update(
        {
            ClassSession.state: state.value,
            ClassSession.decided_by: by,
            ClassSession.decided_at: now,
            ClassSession.decided_because: because,
        }
    ).where(ClassSession.id == session_id)


# --- seats ------------------------------------------------------------------------------------


async def taken(session_ids: Collection[UUID]) -> dict[UUID, Taken]:
    rows = await connection().fetch(_SEATS_TAKEN, list(session_ids))
    found: dict[UUID, Taken] = defaultdict(Taken)
    found.update({r["session"]: Taken(r["enrolled"], r["waiting"]) for r in rows})
    return found


async def seat_of(session_id: UUID, person_id: UUID) -> Seat | None:
    row = (
        await ClassSeat.select()
        .where(ClassSeat.session == session_id, ClassSeat.person == person_id)
        .first()
    )
    return msgspec.convert(row, Seat) if row else None


async def lock_seat_of(session_id: UUID, person_id: UUID) -> Seat | None:
    row = (
        await ClassSeat.select()
        .where(ClassSeat.session == session_id, ClassSeat.person == person_id)
        .first()
        .lock_rows("UPDATE")
    )
    return msgspec.convert(row, Seat) if row else None


async def lock_seat(session_id: UUID, seat_id: UUID) -> Seat:
    row = (
        await ClassSeat.select()
        .where(ClassSeat.session == session_id, ClassSeat.id == seat_id)
        .first()
        .lock_rows("UPDATE")
    )
    if row is None:
        raise NoSuchSeat
    return msgspec.convert(row, Seat)


async def put_seat(session_id: UUID, person_id: UUID, state: SeatState, *, now: datetime) -> None:
    await ClassSeat.insert(
        ClassSeat(
            id=uuid7(), session=session_id, person=person_id, state=state.value, queued_at=now
        )
    ).on_conflict(
        target=(ClassSeat.session, ClassSeat.person),
        action="DO UPDATE",
        values=[(ClassSeat.state, state.value), (ClassSeat.queued_at, now)],
    )


async def set_state(seat_id: UUID, state: SeatState) -> None:
    await ClassSeat.update({ClassSeat.state: state.value}).where(ClassSeat.id == seat_id)


async def first_waiting(session_id: UUID) -> UUID | None:
    row = (
        await ClassSeat.select(ClassSeat.id)
        .where(ClassSeat.session == session_id, ClassSeat.state == SeatState.WAITING.value)
        .order_by(ClassSeat.queued_at)
        .order_by(ClassSeat.id)
        .first()
    )
    return row["id"] if row else None


async def seats_after(session_id: UUID, after: UUID, limit: int) -> list[Seat]:
    rows = (
        await ClassSeat.select()
        .where(
            ClassSeat.session == session_id,
            ClassSeat.id > after,
            ClassSeat.state != SeatState.WITHDRAWN.value,
        )
        .order_by(ClassSeat.id)
        .limit(limit)
    )
    return msgspec.convert(rows, list[Seat])


async def seats_of(person_id: UUID, *, before: UUID, limit: int) -> list[Seat]:
    rows = (
        await ClassSeat.select()
        .where(ClassSeat.person == person_id, ClassSeat.id < before)
        .order_by(ClassSeat.id, ascending=False)
        .limit(limit)
    )
    return msgspec.convert(rows, list[Seat])


async def enrolled(session_id: UUID) -> list[Seat]:
    """All of a class, which has at most its capacity of them."""
    rows = await ClassSeat.select().where(
        ClassSeat.session == session_id, ClassSeat.state == SeatState.ENROLLED.value
    )
    return msgspec.convert(rows, list[Seat])


async def bind_device(seat_id: UUID, device_index: bytes | None) -> None:
    try:
        async with connection().transaction():
            await connection().execute(
                "UPDATE class_seat SET device_index = $2 WHERE id = $1", seat_id, device_index
            )
    except asyncpg.UniqueViolationError as error:
        raise DeviceOfAnotherSeat from error


async def set_outcomes(attended: list[UUID], absent: list[UUID]) -> None:
    for outcome, ids in (("attended", attended), ("absent", absent)):
        if ids:
            await ClassSeat.update({ClassSeat.outcome: outcome}).where(ClassSeat.id.is_in(ids))


async def forget_devices(person_id: UUID) -> None:
    await ClassSeat.update({ClassSeat.device_index: None}).where(ClassSeat.person == person_id)


async def seats_in(person_id: UUID, session_ids: list[UUID]) -> dict[UUID, Seat]:
    if not session_ids:
        return {}
    rows = await ClassSeat.select().where(
        ClassSeat.person == person_id, ClassSeat.session.is_in(session_ids)
    )
    return {row["session"]: msgspec.convert(row, Seat) for row in rows}


async def taught(person_id: UUID, session_ids: list[UUID]) -> set[UUID]:
    if not session_ids:
        return set()
    rows = await ClassInstructor.select(ClassInstructor.session).where(
        ClassInstructor.person == person_id, ClassInstructor.session.is_in(session_ids)
    )
    return {row["session"] for row in rows}


_TAUGHT_BY = """
SELECT DISTINCT s.person FROM class_seat s
JOIN class_instructor i ON i.session = s.session
WHERE i.person = $1 AND s.person = ANY($2) AND s.state <> 'withdrawn'
"""


async def taught_by(teacher: UUID, people: Collection[UUID]) -> set[UUID]:
    async with UnitOfWork(DB):
        rows = await connection().fetch(_TAUGHT_BY, teacher, list(people))
    return {row["person"] for row in rows}


async def teachers_of(person_id: UUID) -> set[UUID]:
    rows = await ClassSeat.raw(
        "SELECT DISTINCT i.person FROM class_seat s JOIN class_instructor i"
        " ON i.session = s.session WHERE s.person = {} AND s.state <> 'withdrawn'",
        person_id,
    )
    return {row["person"] for row in rows}
