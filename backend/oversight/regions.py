"""Who inspects where, and what a caller may therefore see."""

from datetime import date, datetime, timedelta, timezone
from uuid import UUID

import msgspec

from backend.accounts.domain import Caller, Role
from backend.oversight import repository
from backend.oversight.domain import NotYourRegion, oversees
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB

_SHANGHAI = timezone(timedelta(hours=8))


class Sight(msgspec.Struct, frozen=True):
    """What a caller oversees today. `units` None: everything."""

    person_id: UUID
    units: tuple[str, ...] | None

    def covers(self, unit: str | None) -> bool:
        return oversees(self.units or (), unit, administrator=self.units is None)


def day_of(now: datetime) -> date:
    return now.astimezone(_SHANGHAI).date()


def day_begins(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=_SHANGHAI)


async def sight_of(caller: Caller, *, now: datetime) -> Sight:
    if Role.ADMINISTRATOR in caller.roles:
        return Sight(caller.person_id, None)
    return Sight(caller.person_id, await repository.units_of(caller.person_id, on=day_of(now)))


async def sight_over(caller: Caller, unit: str | None, *, now: datetime) -> Sight:
    """Raises NotYourRegion."""
    sight = await sight_of(caller, now=now)
    if not sight.covers(unit):
        raise NotYourRegion
    return sight


async def appoint(
    inspector: UUID, unit: str, since: date, until: date | None, *, by: UUID, now: datetime
) -> repository.Appointed:
    async with UnitOfWork(DB):
        made = await repository.appoint(inspector, unit, since, until, by=by, now=now)
        await record_act(
            "inspector-appointed",
            actor=by,
            subject=f"person:{inspector}",
            now=now,
            details={"unit": unit, "since": str(since), "until": str(until) if until else None},
        )
    return made


async def end(appointment_id: UUID, *, by: UUID, now: datetime) -> None:
    async with UnitOfWork(DB):
        ended = await repository.end_appointment(appointment_id, last=day_of(now))
        await record_act(
            "inspector-dismissed",
            actor=by,
            subject=f"person:{ended.inspector}",
            now=now,
            details={"unit": ended.reporting_unit},
        )
