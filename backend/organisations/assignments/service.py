"""Assigning programmes, and following what becomes of it. One `UnitOfWork` a request.

Whoever does not manage the organisation hears that there is none (`manager_or_404`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from piccolo.columns import Column

from backend.curriculum import service as curriculum
from backend.organisations import service as organisations
from backend.organisations.assignments import repository, standings
from backend.organisations.assignments.domain import (
    CURRENT_LIMIT,
    SMALL,
    Due,
    Facts,
    Rule,
    State,
    TooManyAssignments,
    checked_audience,
    checked_due,
    day_of,
    is_fresh,
    standing,
    with_those_below,
)
from backend.organisations.assignments.reminding import Mark as Mark
from backend.organisations.assignments.reminding import Reached as Reached
from backend.organisations.assignments.reminding import ReachedPage as ReachedPage
from backend.organisations.assignments.reminding import marks as marks
from backend.organisations.assignments.reminding import reached as reached
from backend.organisations.assignments.repository import Assigned, Unit
from backend.organisations.assignments.schemas import (
    AssignmentList,
    AssignmentView,
    MemberStanding,
    MemberStandings,
    MyAssignment,
    MyAssignments,
    NewAssignment,
    Words,
)
from backend.organisations.assignments.standings import Chosen, Member
from backend.organisations.assignments.working_out import facts_of, resolved, work_out
from backend.organisations.domain import DepartmentNotFound, masked_contact
from backend.organisations.domain import Membership as Place
from backend.organisations.profiles import managed
from backend.organisations.tables import Membership
from infra.access_log import note_access
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.queue import enqueue
from infra.vault import Vault, place

WORK_OUT = "assignments.work-out"


# --- assigning --------------------------------------------------------------------------------


async def assign(
    manager_id: UUID, organisation_id: UUID, wanted: NewAssignment, *, demo: bool, now: datetime
) -> AssignmentView:
    due = Due(on=wanted.due_on, days=wanted.due_days, grace_days=wanted.grace_days)
    rule = checked_audience(
        Rule(
            id=uuid7(),
            programme=wanted.programme,
            compulsory=wanted.compulsory,
            audience=wanted.audience,
            due=checked_due(due, today=day_of(now)),
            assigned_at=now,
            departments=frozenset(wanted.departments),
            members=frozenset(wanted.members),
        )
    )
    async with UnitOfWork(DB):
        await managed(manager_id, organisation_id)
        await curriculum.programme(wanted.programme, demo=demo)
        await repository.check_targets(rule, organisation_id)
        if await repository.current_count(organisation_id) >= CURRENT_LIMIT:
            raise TooManyAssignments
        await repository.add(rule, organisation_id, by=manager_id)
        await _record("programme-assigned", manager_id, organisation_id, rule, now)
        await look_again(organisation_id, now=now)
        shown = await views([await repository.one(organisation_id, rule.id)])
    return shown[0]


async def withdraw(
    manager_id: UUID, organisation_id: UUID, assignment_id: UUID, *, now: datetime
) -> AssignmentView:
    """Again changes nothing: the first withdrawal stands."""
    async with UnitOfWork(DB):
        await organisations.manager_or_404(manager_id, organisation_id)
        found = await repository.one(organisation_id, assignment_id, lock=True)
        if found.withdrawn_at is None:
            await repository.withdraw(assignment_id, by=manager_id, now=now)
            await _record("assignment-withdrawn", manager_id, organisation_id, found.rule, now)
            await look_again(organisation_id, now=now)
        shown = await views([await repository.one(organisation_id, assignment_id)])
    return shown[0]


async def _record(act: str, by: UUID, organisation_id: UUID, rule: Rule, now: datetime) -> None:
    await record_act(
        act,
        actor=by,
        subject=f"organisation:{organisation_id}",
        now=now,
        details={"assignment": str(rule.id), "programme": rule.programme},
    )


async def assignments(
    manager_id: UUID, organisation_id: UUID, *, after: UUID | None, limit: int
) -> AssignmentList:
    async with UnitOfWork(DB):
        await organisations.manager_or_404(manager_id, organisation_id)
        found = await repository.page(organisation_id, after=after, limit=limit + 1)
        items = await views(found[:limit])
    return AssignmentList(items, items[-1].id if len(found) > limit else None)


async def assignment(
    manager_id: UUID, organisation_id: UUID, assignment_id: UUID
) -> AssignmentView:
    async with UnitOfWork(DB):
        await organisations.manager_or_404(manager_id, organisation_id)
        shown = await views([await repository.one(organisation_id, assignment_id)])
    return shown[0]


async def views(found: Iterable[Assigned]) -> list[AssignmentView]:
    titles = await _titles()
    return [_view(one, titles) for one in found]


def _view(one: Assigned, titles: dict[str, Words]) -> AssignmentView:
    rule = one.rule
    return AssignmentView(
        id=rule.id,
        programme=rule.programme,
        title=titles.get(rule.programme, Words(rule.programme, rule.programme)),
        compulsory=rule.compulsory,
        audience=rule.audience,
        departments=sorted(rule.departments),
        members=len(rule.members),
        due_on=rule.due.on,
        due_days=rule.due.days,
        grace_days=rule.due.grace_days,
        assigned_at=rule.assigned_at,
        withdrawn_at=one.withdrawn_at,
    )


async def _titles() -> dict[str, Words]:
    """Of the programmes now taught; one that is no longer keeps its code for a title."""
    edition = await curriculum.current_edition()
    return {one.code: Words(one.title.zh, one.title.en) for one in edition.programmes}


# --- the learner's side -----------------------------------------------------------------------


async def my_assignments(person_id: UUID, *, now: datetime) -> MyAssignments:
    """Worked out for this moment: six statements, however many organisations."""
    async with UnitOfWork(DB):
        mine = {m.organisation.id: m for m in await organisations.organisations_of(person_id)}
        found = await repository.current(mine)
        units = await repository.units(mine) if found else []
        rules = {rule.id: rule for rule in resolved([one.rule for one in found], units)}
        facts = await facts_of([person_id], {rule.programme for rule in rules.values()})
        titles = await _titles()
    return MyAssignments(
        [
            _my_assignment(rules[one.rule.id], member, facts, titles, person_id, now)
            for one in found
            if (member := mine[one.organisation_id])
            and rules[one.rule.id].reaches(member.id, member.department_id)
        ]
    )


def _my_assignment(
    rule: Rule,
    member: Place,
    facts: dict[tuple[UUID, str], Facts],
    titles: dict[str, Words],
    person_id: UUID,
    now: datetime,
) -> MyAssignment:
    known = facts.get((person_id, rule.programme), Facts.NOTHING)
    found = standing(rule, member.joined_at, known, today=day_of(now))
    return MyAssignment(
        id=rule.id,
        organisation_id=member.organisation.id,
        organisation=member.organisation.name,
        programme=rule.programme,
        title=titles.get(rule.programme, Words(rule.programme, rule.programme)),
        compulsory=rule.compulsory,
        assigned_at=rule.assigned_at,
        due_on=found.due_on,
        state=found.state,
    )


# --- freshness --------------------------------------------------------------------------------


async def look_again(organisation_id: UUID, *, now: datetime) -> None:
    """What was worked out does not hold any more: a job works it out anew."""
    if await standings.ask(organisation_id, now=now):
        await enqueue(WORK_OUT, {"organisation_id": str(organisation_id)})


async def made_fresh(organisation_id: UUID, *, now: datetime) -> standings.Snapshot | None:
    """A small organisation's at once, a large one's by a job while the last one is shown."""
    known = await standings.snapshot(organisation_id)
    large = known is not None and known.people > SMALL
    if not large and await repository.people_up_to(organisation_id, SMALL + 1) <= SMALL:
        await work_out(organisation_id, now=now)
    elif known is None or known.as_at is None or not is_fresh(known.as_at, now=now):
        await look_again(organisation_id, now=now)
    else:
        return known
    return await standings.snapshot(organisation_id)


# --- who stands where -------------------------------------------------------------------------


async def member_standings(
    vault: Vault,
    manager_id: UUID,
    organisation_id: UUID,
    assignment_id: UUID,
    *,
    state: State | None,
    department_id: UUID | None,
    after: UUID | None,
    limit: int,
    now: datetime,
) -> MemberStandings:
    async with UnitOfWork(DB):
        await organisations.manager_or_404(manager_id, organisation_id)
        await repository.one(organisation_id, assignment_id)
        known = await made_fresh(organisation_id, now=now)
        units = await repository.units([organisation_id])
        chosen = Chosen(
            organisation_id=organisation_id,
            assignment_id=assignment_id,
            state=state,
            departments=chosen_departments(department_id, units),
        )
        found = await standings.members(chosen, after=after, limit=limit + 1)
        await note_look(found[:limit], manager_id, chosen, what="training-progress", now=now)
    names = {unit.id: unit.name for unit in units}
    items = [_member(one, vault, names) for one in found[:limit]]
    return MemberStandings(
        known.as_at if known else None,
        items,
        items[-1].membership_id if len(found) > limit else None,
    )


async def note_look(
    found: Sequence[Member], manager_id: UUID, chosen: Chosen, *, what: str, now: datetime
) -> None:
    """Each of them may read that a manager saw their name and how they stand."""
    await note_access(
        [one.person for one in found],
        actor_id=manager_id,
        actor_role="manager",
        what=what,
        purpose="跟进单位布置的培训 / following the training that the organisation assigned",
        now=now,
        organisation_id=chosen.organisation_id,
    )


def chosen_departments(department_id: UUID | None, units: Iterable[Unit]) -> frozenset[UUID] | None:
    """The department with all below it; None for the whole organisation. DepartmentNotFound."""
    if department_id is None:
        return None
    parents = {unit.id: unit.parent for unit in units}
    if department_id not in parents:
        raise DepartmentNotFound
    return with_those_below([department_id], parents)


def _member(one: Member, vault: Vault, names: dict[UUID, str]) -> MemberStanding:
    name, contact = name_and_contact(vault, one)
    return MemberStanding(
        membership_id=one.membership,
        name=name or None,
        contact=contact or None,
        department_id=one.department,
        department=names.get(one.department) if one.department else None,
        state=one.state,
        due_on=one.due_on,
        begun_on=one.begun_on,
        done_on=one.done_on,
    )


def name_and_contact(vault: Vault, one: Member) -> tuple[str, str]:
    """The name whole, contact data masked; empty where the organisation does not know them."""

    def opened(sealed: bytes | None, column: Column) -> str:
        return vault.open(sealed, place(column, one.membership)) if sealed else ""

    contact = opened(one.contact_sealed, Membership.contact_sealed)
    return opened(one.name_sealed, Membership.name_sealed), contact and masked_contact(contact)


# --- what is kept of a person -----------------------------------------------------------------


async def personal_data(person_id: UUID, *, now: datetime) -> dict[str, Any]:
    """What assignments say of a person: which reach them, and how they stand."""
    return {"assignments": msgspec.to_builtins(await my_assignments(person_id, now=now))["items"]}
