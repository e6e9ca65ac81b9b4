"""What other areas may ask of classes, and what the controllers call."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.class_sessions import (
    attendance_rows,
    demonstration,
    hours,
    planning,
    repository,
    scanning,
    seating,
)
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault

plan, cancel, one = planning.plan, planning.cancel, planning.one
upcoming, looked_after = planning.upcoming, planning.looked_after
enrol, withdraw, my_seats = seating.enrol, seating.withdraw, seating.my_seats
show_code, check_in = scanning.show_code, scanning.check_in
scan_by_hand, release_device = scanning.scan_by_hand, scanning.release_device
seats, confirm, correct, hours_of = hours.seats, hours.confirm, hours.correct, hours.hours_of
ensure_demo_class = demonstration.ensure_demo_class
taught_by, teachers_of = repository.taught_by, repository.teachers_of
_MOST = 10_000
_LAST = UUID(int=(1 << 128) - 1)


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    """Every class the person had a seat in, with scans and hours; nothing here is sealed."""
    del vault
    async with UnitOfWork(DB):
        seats_taken = await repository.seats_of(person_id, before=_LAST, limit=_MOST)
        sessions = await repository.sessions({seat.session for seat in seats_taken})
        scans = await attendance_rows.scans_of([seat.id for seat in seats_taken])
        entries = await attendance_rows.entries_of([seat.id for seat in seats_taken])
    return {
        "classes": [
            {
                "title": sessions[seat.session].title,
                "place": sessions[seat.session].place,
                "beginsAt": sessions[seat.session].begins_at.isoformat(),
                "state": seat.state.value,
                "outcome": seat.outcome,
                "scans": [{"purpose": s.purpose, "at": s.at.isoformat()} for s in scans[seat.id]],
                "hours": [
                    {"day": e.counts_on.isoformat(), "seconds": e.seconds} for e in entries[seat.id]
                ],
            }
            for seat in seats_taken
        ]
    }


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """Seats to come are given back and phones forgotten. Attendance stays, by its random ids: it
    proves hours that records stand on, and names nobody."""
    async with UnitOfWork(DB):
        for seat in await repository.seats_of(person_id, before=_LAST, limit=_MOST):
            if seat.outcome is None and seat.state in seating.HELD:
                await seating.give_up(seat.session, person=person_id, now=now)
        await repository.forget_devices(person_id)
