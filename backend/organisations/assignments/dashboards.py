"""A dashboard as shown: read from what was worked out, a few small statements."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from backend.organisations import service as organisations
from backend.organisations.assignments import repository, service, standings
from backend.organisations.assignments.domain import (
    Counts,
    day_of,
    months_up_to,
)
from backend.organisations.assignments.repository import Unit
from backend.organisations.assignments.schemas import (
    AssignmentCounts,
    Dashboard,
    DepartmentCounts,
    MonthHours,
)
from infra.database import UnitOfWork
from infra.engine import DB


async def dashboard(
    manager_id: UUID, organisation_id: UUID, *, department_id: UUID | None, now: datetime
) -> Dashboard:
    """Of the organisation, or of a department with all below it."""
    async with UnitOfWork(DB):
        await organisations.manager_or_404(manager_id, organisation_id)
        known = await service.made_fresh(organisation_id, now=now)
        units = await repository.units([organisation_id])
        shown = service.chosen_departments(department_id, units)
        counts = await standings.counts_by_assignment(organisation_id, shown)
        current = await service.views(await repository.current([organisation_id]))
        months = await standings.hours_by_month(organisation_id, shown)
        departments = await _departments(organisation_id, department_id, units)
    as_at = known.as_at if known else None
    asked_at = known.asked_at if known else None
    return Dashboard(
        as_at=as_at,
        refreshing=asked_at is not None and (as_at is None or asked_at > as_at),
        people=known.people if known else 0,
        expected=known.expected if known else 0,
        department_id=department_id,
        overall=counts.get(None, Counts()),
        assignments=[
            AssignmentCounts(assignment=one, counts=counts.get(one.id, Counts())) for one in current
        ],
        departments=departments,
        months=[
            MonthHours(f"{month:%Y-%m}", months.get(month, 0))
            for month in months_up_to(day_of(now))
        ],
    )


async def _departments(
    organisation_id: UUID, above: UUID | None, units: Collection[Unit]
) -> list[DepartmentCounts]:
    """Those directly below, each with all below it, then those who are in none of them."""
    names: dict[UUID | None, str] = {unit.id: unit.name for unit in units}
    parents = {unit.id: unit.parent for unit in units}
    shown: dict[UUID | None, DepartmentCounts] = {}

    def of(department: UUID | None) -> DepartmentCounts | None:
        if (
            department != above
            and (department := _directly_below(above, department, parents)) is None
        ):
            return None
        own = None if department == above else department
        empty = DepartmentCounts(id=own, name=names.get(own), counts=Counts(), seconds=0)
        return shown.setdefault(own, empty)

    for department, counts in (await standings.counts_by_department(organisation_id)).items():
        if (line := of(department)) is not None:
            line.counts = line.counts.plus(counts)
    for department, seconds in (await standings.hours_by_department(organisation_id)).items():
        if (line := of(department)) is not None:
            line.seconds += seconds
    return sorted(shown.values(), key=_most_late_first)


def _directly_below(
    above: UUID | None, department: UUID | None, parents: Mapping[UUID, UUID | None]
) -> UUID | None:
    """The department itself or the one over it whose parent is `above`; None if there is none."""
    while department is not None and parents.get(department) != above:
        department = parents.get(department)
    return department


def _most_late_first(line: DepartmentCounts) -> tuple[bool, int, int, str]:
    return (line.id is None, -line.counts.late, -line.counts.people, line.name or "")
