"""Classes as planned and listed, and who may look after one. One `UnitOfWork` each."""

from datetime import UTC, datetime
from uuid import UUID

from backend.class_sessions import repository
from backend.class_sessions.domain import (
    YEARS,
    ClassIsOver,
    InstructorNotAMember,
    NoSuchClass,
    SessionState,
    Span,
    Times,
    TimesNotRight,
    checked_times,
    checked_years,
    rules_at,
)
from backend.class_sessions.repository import Seat, Session, Taken
from backend.class_sessions.schemas import ClassList, ClassView, NewClass
from backend.curriculum import service as curriculum
from backend.organisations import service as organisations
from backend.organisations.domain import Membership
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7

_FIRST = (datetime(2000, 1, 1, tzinfo=UTC), UUID(int=0))
_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"  # no plus sign, which an address would make a space
_LAST = UUID(int=(1 << 128) - 1)


async def plan(wanted: NewClass, *, manager: UUID, now: datetime) -> ClassView:
    organiser = await organisations.manager_or_404(manager, wanted.organisation_id)
    if wanted.module is not None:
        await curriculum.module(wanted.module)
    session = _session(wanted, now=now)
    people = set(wanted.instructors) or {manager}
    async with UnitOfWork(DB):
        for person in people:
            if not await organisations.belongs(person, organiser.id):
                raise InstructorNotAMember(fields={"instructors": InstructorNotAMember.zh})
        await repository.add_session(session, created_by=manager, now=now)
        await repository.add_instructors(session.id, people)
    return await one(session.id, caller=manager)


def _session(wanted: NewClass, *, now: datetime) -> Session:
    whole = checked_years(Span(wanted.begins_at, wanted.ends_at))
    rules = rules_at(whole.begins_at)
    times = checked_times(
        Times(
            whole,
            tuple(Span(b.begins_at, b.ends_at) for b in wanted.breaks),
            round(wanted.class_hours * rules.class_hour_seconds),
        )
    )
    if times.whole.ends_at <= now:
        raise TimesNotRight(fields={"endsAt": TimesNotRight.zh})
    return Session(
        id=uuid7(),
        organiser=wanted.organisation_id,
        title=wanted.title,
        module=wanted.module,
        place=wanted.place,
        capacity=wanted.capacity,
        members_only=wanted.members_only,
        begins_at=times.whole.begins_at,
        ends_at=times.whole.ends_at,
        breaks=times.breaks,
        planned_seconds=times.planned_seconds,
        state=SessionState.PLANNED,
    )


async def cancel(session_id: UUID, reason: str, *, caller: UUID, now: datetime) -> None:
    async with UnitOfWork(DB):
        session = await repository.lock_session(session_id)
        await check_looks_after(caller, session)
        if session.state is not SessionState.PLANNED:
            raise ClassIsOver
        await repository.decide(
            session.id, SessionState.CANCELLED, by=caller, because=reason, now=now
        )
        await record_act(
            "class-cancelled", actor=caller, subject=f"class-session:{session.id}", now=now
        )


async def one(session_id: UUID, *, caller: UUID) -> ClassView:
    async with UnitOfWork(DB):
        session = await repository.session_of(session_id)
        seat = await repository.seat_of(session_id, caller)
        teaching = await looks_after(caller, session)
        if session.members_only and seat is None and not teaching:
            await check_member(caller, session)
        taken = (await repository.taken([session_id]))[session_id]
        name = (await organisations.organisation(session.organiser)).name
    return view(session, name, taken, seat, teaching=teaching)


async def upcoming(*, caller: UUID, cursor: str | None, limit: int, now: datetime) -> ClassList:
    """Those the caller could enrol in. A fixed number of queries, but one an organiser."""
    async with UnitOfWork(DB):
        mine = await organisations.organisations_of(caller)
        rows = await repository.open_to(
            [m.organisation.id for m in mine], after=_after(cursor), limit=limit + 1, now=now
        )
        items = await _views(rows[:limit], caller, mine)
    last = rows[limit - 1] if len(rows) > limit else None
    return ClassList(items=items, next_cursor=_cursor(last) if last else None)


async def looked_after(*, caller: UUID, cursor: UUID | None, limit: int) -> ClassList:
    """Those the caller teaches and still belongs to, or whose organiser the caller manages."""
    async with UnitOfWork(DB):
        mine = await organisations.organisations_of(caller)
        rows = await repository.looked_after_by(
            caller,
            sorted(_managed(mine)),
            sorted(m.organisation.id for m in mine),
            before=cursor or _LAST,
            limit=limit + 1,
        )
        items = await _views(rows[:limit], caller, mine)
    return ClassList(
        items=items, next_cursor=str(rows[limit - 1].id) if len(rows) > limit else None
    )


async def looks_after(person_id: UUID, session: Session) -> bool:
    """Managers, and instructors for as long as they belong to the organiser."""
    if await organisations.manages(person_id, session.organiser):
        return True
    return await repository.teaches(person_id, session.id) and await organisations.belongs(
        person_id, session.organiser
    )


async def check_looks_after(person_id: UUID, session: Session) -> None:
    """Whoever does not hears what they would hear of a class that is not there."""
    if not await looks_after(person_id, session):
        raise NoSuchClass


async def check_member(person_id: UUID, session: Session) -> None:
    if session.members_only and not await organisations.belongs(person_id, session.organiser):
        raise NoSuchClass


def _managed(mine: list[Membership]) -> set[UUID]:
    return {m.organisation.id for m in mine if m.position == "manager"}


async def _views(sessions: list[Session], caller: UUID, mine: list[Membership]) -> list[ClassView]:
    managed, member_of = _managed(mine), {m.organisation.id for m in mine}
    ids = [session.id for session in sessions]
    taken = await repository.taken(ids)
    seats = await repository.seats_in(caller, ids)
    taught = await repository.taught(caller, ids)
    names = await organisations.names_of({session.organiser for session in sessions})
    return [
        view(
            s,
            names[s.organiser],
            taken[s.id],
            seats.get(s.id),
            teaching=s.organiser in managed or (s.id in taught and s.organiser in member_of),
        )
        for s in sessions
    ]


def view(
    session: Session, organiser: str, taken: Taken, seat: Seat | None, *, teaching: bool
) -> ClassView:
    return ClassView(
        id=session.id,
        organiser=organiser,
        title=session.title,
        module=session.module,
        place=session.place,
        capacity=session.capacity,
        enrolled=taken.enrolled,
        waiting=taken.waiting,
        members_only=session.members_only,
        begins_at=session.begins_at,
        ends_at=session.ends_at,
        breaks=session.breaks,
        planned_seconds=session.planned_seconds,
        state=session.state,
        my_seat=seat.state if seat else None,
        teaching=teaching,
    )


def _cursor(last: Session) -> str:
    return f"{last.begins_at.astimezone(UTC).strftime(_MOMENT)}_{last.id}"


def _after(cursor: str | None) -> tuple[datetime, UUID]:
    """NoSuchClass for a cursor we never gave."""
    if not cursor:
        return _FIRST
    try:
        moment, _, session = cursor.partition("_")
        at = datetime.strptime(moment, _MOMENT).replace(tzinfo=UTC)
        place = at, UUID(session)
    except ValueError as error:
        raise NoSuchClass from error
    if at.year not in YEARS:
        raise NoSuchClass
    return place
