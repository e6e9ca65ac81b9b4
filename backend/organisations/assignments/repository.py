"""Rows of assignments, and of the members whom they may reach."""

from collections.abc import AsyncIterator, Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.organisations.assignments.domain import (
    AssignmentNotFound,
    Audience,
    AudienceNotValid,
    Due,
    Rule,
)
from backend.organisations.assignments.tables import Assignment, AssignmentTarget
from backend.organisations.tables import Department, ExpectedMember, Membership
from infra.database import connection
from infra.ids import uuid7

PAGE = 2_000
"""Members read at a time: a page's facts fit any memory, and a hundred thousand are 50 pages."""
_PEOPLE = """
SELECT id, person AS person_id, department AS department_id, joined_at, left_at
FROM membership WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3
"""
_FIRST = UUID(int=0)


class Assigned(msgspec.Struct, frozen=True, kw_only=True):
    """An assignment as its organisation sees it."""

    rule: Rule
    organisation_id: UUID
    assigned_by: UUID
    withdrawn_at: datetime | None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A member's time in the organisation."""

    id: UUID
    person_id: UUID
    department_id: UUID | None
    joined_at: datetime
    left_at: datetime | None


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A department."""

    id: UUID
    parent: UUID | None
    name: str


async def add(rule: Rule, organisation_id: UUID, *, by: UUID) -> None:
    await Assignment.insert(
        Assignment(
            id=rule.id,
            organisation=organisation_id,
            programme=rule.programme,
            compulsory=rule.compulsory,
            audience=rule.audience,
            due_on=rule.due.on,
            due_days=rule.due.days,
            grace_days=rule.due.grace_days,
            assigned_by=by,
            assigned_at=rule.assigned_at,
        )
    )
    targets = [
        *(_target(rule.id, department=one) for one in sorted(rule.departments)),
        *(_target(rule.id, membership=one) for one in sorted(rule.members)),
    ]
    if targets:
        await AssignmentTarget.insert(*targets)


def _target(
    assignment: UUID, *, department: UUID | None = None, membership: UUID | None = None
) -> AssignmentTarget:
    return AssignmentTarget(
        id=uuid7(), assignment=assignment, department=department, membership=membership
    )


async def check_targets(rule: Rule, organisation_id: UUID) -> None:
    """AudienceNotValid when one of them is not this organisation's, or is over."""
    departments = await Department.count().where(
        Department.id.is_in([*rule.departments, _FIRST]),
        Department.organisation == organisation_id,
        Department.closed_at.is_null(),
    )
    members = await Membership.count().where(
        Membership.id.is_in([*rule.members, _FIRST]),
        Membership.organisation == organisation_id,
        Membership.left_at.is_null(),
    )
    if (departments, members) != (len(rule.departments), len(rule.members)):
        raise AudienceNotValid


async def current_count(organisation_id: UUID) -> int:
    return int(
        await Assignment.count().where(
            Assignment.organisation == organisation_id, Assignment.withdrawn_at.is_null()
        )
    )


async def page(organisation_id: UUID, *, after: UUID | None, limit: int) -> list[Assigned]:
    """Newest first, withdrawn ones too."""
    query = Assignment.select().where(Assignment.organisation == organisation_id)
    if after is not None:
        query = query.where(Assignment.id < after)
    return await _assigned(await query.order_by(Assignment.id, ascending=False).limit(limit))


async def one(organisation_id: UUID, assignment_id: UUID, *, lock: bool = False) -> Assigned:
    query = (
        Assignment.select()
        .where(Assignment.id == assignment_id, Assignment.organisation == organisation_id)
        .first()
    )
    row = await (query.lock_rows("NO KEY UPDATE") if lock else query)
    if row is None:
        raise AssignmentNotFound
    return (await _assigned([row]))[0]


async def current(organisation_ids: Collection[UUID]) -> list[Assigned]:
    """Not withdrawn, oldest first."""
    if not organisation_ids:
        return []
    rows = (
        await Assignment.select()
        .where(
            Assignment.organisation.is_in(list(organisation_ids)),
            Assignment.withdrawn_at.is_null(),
        )
        .order_by(Assignment.id)
    )
    return await _assigned(rows)


async def withdraw(assignment_id: UUID, *, by: UUID, now: datetime) -> None:
    await Assignment.update({Assignment.withdrawn_at: now, Assignment.withdrawn_by: by}).where(
        Assignment.id == assignment_id
    )


async def _assigned(rows: Iterable[dict[str, Any]]) -> list[Assigned]:
    rows = list(rows)
    named = [row["id"] for row in rows if row["audience"] != Audience.EVERYONE]
    targets: list[dict[str, Any]] = (
        await AssignmentTarget.select().where(AssignmentTarget.assignment.is_in(named))
        if named
        else []
    )
    return [_one(row, [t for t in targets if t["assignment"] == row["id"]]) for row in rows]


def _one(row: dict[str, Any], targets: list[dict[str, Any]]) -> Assigned:
    rule = Rule(
        id=row["id"],
        programme=row["programme"],
        compulsory=row["compulsory"],
        audience=Audience(row["audience"]),
        due=Due(on=row["due_on"], days=row["due_days"], grace_days=row["grace_days"]),
        assigned_at=row["assigned_at"],
        departments=frozenset(t["department"] for t in targets if t["department"]),
        members=frozenset(t["membership"] for t in targets if t["membership"]),
    )
    return Assigned(
        rule=rule,
        organisation_id=row["organisation"],
        assigned_by=row["assigned_by"],
        withdrawn_at=row["withdrawn_at"],
    )


# --- people and departments -------------------------------------------------------------------


async def units(organisation_ids: Collection[UUID]) -> list[Unit]:
    """All departments, closed ones too: hours were earned there. At most 5,000 each."""
    rows = await Department.select(Department.id, Department.parent, Department.name).where(
        Department.organisation.is_in(list(organisation_ids))
    )
    return msgspec.convert(rows, list[Unit])


async def places(organisation_id: UUID) -> AsyncIterator[list[Place]]:
    """Everybody who is or was in the organisation, in the order of their membership's id."""
    after = _FIRST
    while rows := await connection().fetch(_PEOPLE, organisation_id, after, PAGE):
        yield [msgspec.convert(dict(row), Place) for row in rows]
        after = rows[-1]["id"]


async def people_up_to(organisation_id: UUID, limit: int) -> int:
    """Members now, or `limit` if there are more. Reads no further."""
    rows = (
        await Membership.select(Membership.id)
        .where(Membership.organisation == organisation_id, Membership.left_at.is_null())
        .limit(limit)
    )
    return len(rows)


async def expected_count(organisation_id: UUID) -> int:
    """Only where the dashboard is worked out: it counts the index."""
    return int(await ExpectedMember.count().where(ExpectedMember.organisation == organisation_id))
