"""The list of a class, its confirmation, and corrections: hours for the ledger."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.accounts import service as accounts
from backend.class_sessions import attendance_rows, repository
from backend.class_sessions.attendance_rows import HoursOn
from backend.class_sessions.domain import (
    HoursEntry,
    NoSuchSeat,
    NotConfirmedYet,
    SessionState,
    awarded,
    check_confirming,
    check_not_own,
    check_seat,
    checked_correction,
    marks,
    presence,
    rules_at,
    seconds_by_day,
)
from backend.class_sessions.planning import check_looks_after
from backend.class_sessions.repository import Seat, Session
from backend.class_sessions.schemas import Confirmed, Correction, SeatHours, SeatList, SeatView
from backend.class_sessions.tables import AttendanceEntry
from backend.progress import service as progress
from backend.records.domain import masked_name
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault

_FIRST = UUID(int=0)


class ClassHours(msgspec.Struct, frozen=True):
    """Class hours of one person from classes, in seconds; each class and day once."""

    seconds: int
    days: list[HoursOn]


async def seats(
    vault: Vault, session_id: UUID, *, caller: UUID, cursor: UUID | None, limit: int
) -> SeatList:
    """The instructor's list, with what the rules make of each seat's scans."""
    async with UnitOfWork(DB):
        session = await repository.session_of(session_id)
        await check_looks_after(caller, session)
        rows = await repository.seats_after(session_id, cursor or _FIRST, limit + 1)
        ids = [row.id for row in rows[:limit]]
        scans = await attendance_rows.scans_of(ids)
        entries = await attendance_rows.entries_of(ids)
        names = await accounts.names_of(vault, [row.person for row in rows[:limit]])
    items = [
        _seat_view(session, row, names.get(row.person, ""), scans[row.id], entries[row.id])
        for row in rows[:limit]
    ]
    return SeatList(items=items, next_cursor=rows[limit - 1].id if len(rows) > limit else None)


def _seat_view(
    session: Session, seat: Seat, name: str, scans: list[Any], entries: list[HoursEntry]
) -> SeatView:
    rules = rules_at(session.begins_at)
    found = presence(scans)
    would_be = sum(seconds_by_day(found, session.times, rules).values())
    confirmed = session.state is SessionState.CONFIRMED
    return SeatView(
        id=seat.id,
        name=masked_name(name),
        state=seat.state,
        marks=marks(found, session.times, rules),
        first_in=found.spans[0].begins_at if found.spans else found.open_since,
        last_out=found.spans[-1].ends_at if found.spans else None,
        outcome=seat.outcome,
        seconds=sum(e.seconds for e in entries)
        if confirmed
        else min(would_be, session.planned_seconds),
    )


async def confirm(
    session_id: UUID, absent: list[UUID], *, caller: UUID, now: datetime
) -> Confirmed:
    """Once, after the end: each who was there is given the hours of their presence."""
    async with UnitOfWork(DB):
        session = await repository.lock_session(session_id)
        await check_looks_after(caller, session)
        check_confirming(session.state, session.whole, now=now)
        enrolled = await repository.enrolled(session_id)
        if not set(absent) <= {seat.id for seat in enrolled}:
            raise NoSuchSeat
        present = [s for s in enrolled if s.id not in set(absent)]
        given = await _given(session, present, now=now)
        rows = [
            row
            for seat, entries in given
            for row in attendance_rows.new_entries(
                seat, entries, kind="attended", reason=None, by=caller, now=now
            )
        ]
        await _enter(session, rows, now=now)
        attended = [seat.id for seat, entries in given if entries]
        missing = [seat.id for seat in enrolled if seat.id not in set(attended)]
        await repository.set_outcomes(attended, missing)
        await repository.decide(
            session_id, SessionState.CONFIRMED, by=caller, because=None, now=now
        )
        total = Confirmed(
            attended=len(attended), absent=len(missing), seconds=sum(r.seconds for r in rows)
        )
        await _note("class-confirmed", f"class-session:{session_id}", caller, now, total.seconds)
    return total


async def _given(
    session: Session, present: list[Seat], *, now: datetime
) -> list[tuple[Seat, list[HoursEntry]]]:
    """Under the lock of each person, since all they learn, here or not, shares a day's limit."""
    rules = rules_at(session.begins_at)
    people = [seat.person for seat in present]
    await attendance_rows.lock_people(people)
    scans = await attendance_rows.scans_of([seat.id for seat in present])
    elsewhere = await progress.day_totals(people, now=now)
    return [
        (
            seat,
            awarded(
                seconds_by_day(presence(scans[seat.id]), session.times, rules),
                planned_seconds=session.planned_seconds,
                elsewhere=elsewhere[seat.person],
                rules=rules,
            ),
        )
        for seat in present
    ]


async def correct(
    session_id: UUID, seat_id: UUID, wanted: Correction, *, caller: UUID, now: datetime
) -> SeatHours:
    """A counter-entry; what was entered before stays."""
    new = HoursEntry(wanted.day, wanted.seconds)
    async with UnitOfWork(DB):
        session = await repository.session_of(session_id)
        await check_looks_after(caller, session)
        if session.state is not SessionState.CONFIRMED:
            raise NotConfirmedYet
        seat = await repository.lock_seat(session_id, seat_id)
        check_not_own(seat.person, caller)
        check_seat(seat.state)
        await attendance_rows.lock_people([seat.person])
        known = (await attendance_rows.entries_of([seat_id]))[seat_id]
        whole_day = (await progress.day_totals([seat.person], now=now))[seat.person]
        here = sum(entry.seconds for entry in known if entry.counts_on == wanted.day)
        checked_correction(
            new,
            of_seat=known,
            elsewhere=whole_day.get(wanted.day, 0) - here,
            times=session.times,
            rules=rules_at(session.begins_at),
        )
        await _enter(session, _correction(seat, new, wanted.reason, caller, now), now=now)
        await _note("class-hours-corrected", f"class-seat:{seat_id}", caller, now, new.seconds)
    return SeatHours(seat=seat_id, seconds=sum(e.seconds for e in known) + new.seconds)


async def _enter(session: Session, rows: list[AttendanceEntry], *, now: datetime) -> None:
    """In the class's own list, and in the ledger of all hours."""
    await attendance_rows.insert_entries(rows)
    entries = [
        progress.ClassEntry(
            attendance_id=row.id,
            person_id=row.person,
            class_session_id=session.id,
            module=session.module,
            counts_on=row.counts_on,
            seconds=row.seconds,
            reason=row.reason,
            entered_by=row.entered_by,
        )
        for row in rows
    ]
    await progress.enter_class_hours(entries, now=now)


def _correction(
    seat: Seat, new: HoursEntry, reason: str, caller: UUID, now: datetime
) -> list[AttendanceEntry]:
    entries = [new] if new.seconds else []
    return attendance_rows.new_entries(
        seat, entries, kind="correction", reason=reason, by=caller, now=now
    )


async def hours_of(person_id: UUID) -> ClassHours:
    async with UnitOfWork(DB):
        days = await attendance_rows.hours_of(person_id)
    return ClassHours(sum(day.seconds for day in days), days)


async def _note(act: str, subject: str, caller: UUID, now: datetime, seconds: int) -> None:
    await record_act(act, actor=caller, subject=subject, now=now, details={"seconds": seconds})
