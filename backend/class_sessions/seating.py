"""Who has a seat. Capacity is kept under the class's row lock: of two who come for the last seat
at once, one gets it and the other waits."""

from datetime import datetime
from uuid import UUID

from backend.class_sessions import attendance_rows, repository
from backend.class_sessions.domain import (
    SeatState,
    SessionState,
    StillCheckedIn,
    check_enrolling,
    presence,
)
from backend.class_sessions.planning import check_member, one
from backend.class_sessions.repository import Seat, Session
from backend.class_sessions.schemas import ClassView, MySeat, MySeats
from infra.database import UnitOfWork
from infra.engine import DB

_LAST = UUID(int=(1 << 128) - 1)
HELD = {SeatState.ENROLLED, SeatState.WAITING}


async def enrol(session_id: UUID, *, person: UUID, now: datetime) -> ClassView:
    """Again changes nothing. Full: the end of the waiting list."""
    async with UnitOfWork(DB):
        session = await repository.lock_session(session_id)
        await check_member(person, session)
        seat = await repository.seat_of(session_id, person)
        if seat is None or seat.state not in HELD:
            check_enrolling(session.state, session.whole, now=now)
            taken = (await repository.taken([session_id]))[session_id]
            free = taken.enrolled < session.capacity
            state = SeatState.ENROLLED if free else SeatState.WAITING
            await repository.put_seat(session_id, person, state, now=now)
    return await one(session_id, caller=person)


async def withdraw(session_id: UUID, *, person: UUID, now: datetime) -> None:
    """The first who waits moves up. Nothing to do for who has no seat."""
    async with UnitOfWork(DB):
        session = await repository.lock_session(session_id)
        seat = await repository.seat_of(session_id, person)
        if seat is None:
            await check_member(person, session)  # whose class it is, a stranger must not learn
        if seat is None or seat.state not in HELD:
            return
        check_enrolling(session.state, session.whole, now=now)
        if presence((await attendance_rows.scans_of([seat.id]))[seat.id]).open_since is not None:
            raise StillCheckedIn
        await _give_back(seat)


async def give_up(session_id: UUID, *, person: UUID, now: datetime) -> None:
    """For who is erased. A class that is over keeps its list, for who attended was there."""
    session = await repository.lock_session(session_id)
    seat = await repository.seat_of(session_id, person)
    if seat is None or seat.state not in HELD:
        return
    if session.state is SessionState.PLANNED and now < session.ends_at:
        await _give_back(seat)


async def _give_back(seat: Seat) -> None:
    await repository.set_state(seat.id, SeatState.WITHDRAWN)
    if seat.state is SeatState.ENROLLED:
        next_one = await repository.first_waiting(seat.session)
        if next_one is not None:
            await repository.set_state(next_one, SeatState.ENROLLED)


async def my_seats(*, person: UUID, cursor: UUID | None, limit: int) -> MySeats:
    async with UnitOfWork(DB):
        seats = await repository.seats_of(person, before=cursor or _LAST, limit=limit + 1)
        sessions = await repository.sessions({seat.session for seat in seats})
        entries = await attendance_rows.entries_of([seat.id for seat in seats])
    return MySeats(
        items=[
            _my_seat(s, sessions[s.session], sum(e.seconds for e in entries[s.id]))
            for s in seats[:limit]
        ],
        next_cursor=seats[limit - 1].id if len(seats) > limit else None,
    )


def _my_seat(seat: Seat, session: Session, seconds: int) -> MySeat:
    return MySeat(
        session=session.id,
        title=session.title,
        place=session.place,
        begins_at=session.begins_at,
        ends_at=session.ends_at,
        session_state=SessionState(session.state),
        state=seat.state,
        outcome=seat.outcome,
        seconds=seconds,
    )
