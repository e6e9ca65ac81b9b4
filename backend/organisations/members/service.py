"""Who belongs to an organisation: its lists, its departments, coming by code, leaving.

Whatever a manager asks is bounded to the organisation in the query.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.accounts.service import holder_of
from backend.organisations import repository as organisations
from backend.organisations.domain import (
    DEEPEST,
    MOST_DEPARTMENTS,
    AlreadyMember,
    DepartmentInUse,
    DepartmentNameTaken,
    DepartmentNotFound,
    DepartmentTooDeep,
    Duty,
    JoinCodeNotRight,
    JoinedBy,
    JoinRequestNotFound,
    MemberNotFound,
    Organisation,
    OrganisationNotFound,
    Position,
    State,
    TooManyDepartments,
    department_name,
    refuse_last_manager,
    typed_join_code,
)
from backend.organisations.members import repository
from backend.organisations.members.repository import DepartmentRow, Member
from backend.organisations.members.shown import (
    MemberView,
    RequestView,
    member_view,
    request_views,
)
from backend.organisations.profiles import managed
from backend.organisations.tables import Department, JoinRequest, Membership
from infra.access_log import note_access, note_list_access
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.vault import Vault, place

_LOOKING_AFTER = "管理本单位成员 / looking after the organisation's members"


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """`name` finds those of exactly this name: names are sealed, parts of them cannot be sought."""

    present: bool = True
    department: UUID | None = None
    position: Position | None = None
    name: str | None = None


async def page(
    vault: Vault,
    person_id: UUID,
    organisation_id: UUID,
    wish: Wish,
    *,
    after: UUID | None,
    limit: int,
    now: datetime,
) -> list[MemberView]:
    """A list is noted once a day for its reader; who was sought by name is noted by person."""
    async with UnitOfWork(DB):
        await refuse_stranger(person_id, organisation_id)
        found = await repository.page(
            organisation_id,
            present=wish.present,
            after=after,
            limit=limit,
            department=wish.department,
            position=wish.position,
            index=repository.name_index(vault, wish.name) if wish.name else None,
        )
        if wish.name:
            await note_people([one.person for one in found], person_id, organisation_id, now=now)
        else:
            await note_list(person_id, organisation_id, "member-list", now=now)
    return [member_view(vault, member) for member in found]


async def note_list(person_id: UUID, organisation_id: UUID, what: str, *, now: datetime) -> None:
    await note_list_access(
        organisation_id,
        actor_id=person_id,
        actor_role="manager",
        what=what,
        purpose=_LOOKING_AFTER,
        now=now,
    )


async def note_people(
    people: list[UUID], person_id: UUID, organisation_id: UUID, *, now: datetime
) -> None:
    await note_access(
        people,
        actor_id=person_id,
        actor_role="manager",
        what="name",
        purpose=_LOOKING_AFTER,
        now=now,
        organisation_id=organisation_id,
    )


async def refuse_stranger(person_id: UUID, organisation_id: UUID) -> None:
    """For looking; what changes something uses `managed`, which locks."""
    if not await organisations.manages(person_id, organisation_id):
        raise OrganisationNotFound


async def change_member(
    vault: Vault,
    person_id: UUID,
    organisation_id: UUID,
    member_id: UUID,
    *,
    position: Position,
    department: UUID | None,
    duty: Duty | None,
    now: datetime,
) -> MemberView:
    """MemberNotFound, DepartmentNotFound, LastManager."""
    async with UnitOfWork(DB):
        await managed(person_id, organisation_id)
        member = await _member(organisation_id, member_id)
        await refuse_foreign_department(organisation_id, department)
        if member.position is not position:
            await _change_position(member, position, by=person_id, now=now)
        await repository.change(
            member_id, {Membership.department: department, Membership.duty: duty}
        )
        changed = await _member(organisation_id, member_id)
    return member_view(vault, changed)


async def remove_member(
    person_id: UUID, organisation_id: UUID, member_id: UUID, *, now: datetime
) -> None:
    """The person's records and what they learnt stay theirs."""
    async with UnitOfWork(DB):
        await managed(person_id, organisation_id)
        member = await _member(organisation_id, member_id)
        await _refuse_last(member)
        await _end(member, "removed", by=person_id, now=now)


async def leave(person_id: UUID, organisation_id: UUID, *, now: datetime) -> None:
    async with UnitOfWork(DB):
        profile = await organisations.profile_of(organisation_id, lock=True)
        member = await repository.of_person(organisation_id, person_id)
        if member is None or profile is None:
            raise OrganisationNotFound
        if profile.state is not State.REFUSED:  # there is nothing left to manage
            await _refuse_last(member)
        await _end(member, "left", by=person_id, now=now)


async def _refuse_last(member: Member) -> None:
    managers = await organisations.managers_of(member.organisation)
    refuse_last_manager(member.position, len(managers))


async def _end(member: Member, because: str, *, by: UUID, now: datetime) -> None:
    await repository.end(member.id, because, now=now)
    if member.position is Position.MANAGER:
        await repository.withdraw_invitations_of(member.person, member.organisation, now=now)
    if because == "removed" or member.position is Position.MANAGER:
        await _record(f"{member.position}-{because}", member, by=by, now=now)


async def _change_position(member: Member, position: Position, *, by: UUID, now: datetime) -> None:
    if position is Position.MEMBER:
        await _refuse_last(member)
        await repository.withdraw_invitations_of(member.person, member.organisation, now=now)
    await repository.change(member.id, {Membership.position: position})
    act = "manager-named" if position is Position.MANAGER else "manager-relieved"
    await _record(act, member, by=by, now=now)


async def _record(act: str, member: Member, *, by: UUID, now: datetime) -> None:
    await record_act(
        act,
        actor=by,
        subject=f"person:{member.person}",
        now=now,
        details={"organisation": str(member.organisation)},
    )


async def _member(organisation_id: UUID, member_id: UUID) -> Member:
    found = await repository.one(organisation_id, member_id)
    if found is None:
        raise MemberNotFound
    return found


# --- departments ------------------------------------------------------------------------------


async def departments(person_id: UUID, organisation_id: UUID) -> list[DepartmentRow]:
    """For everyone who belongs to the organisation."""
    if not await organisations.belongs(person_id, organisation_id):
        raise OrganisationNotFound
    return await repository.departments(organisation_id)


async def add_department(
    person_id: UUID, organisation_id: UUID, name: str, parent: UUID | None, *, now: datetime
) -> DepartmentRow:
    async with UnitOfWork(DB):
        await managed(person_id, organisation_id)
        known = {row.id: row for row in await repository.departments(organisation_id)}
        if len(known) >= MOST_DEPARTMENTS:
            raise TooManyDepartments
        if parent is not None and parent not in known:
            raise _no_department("parent")
        depth = known[parent].depth + 1 if parent else 1
        if depth > DEEPEST:
            raise DepartmentTooDeep
        row = new_department(organisation_id, department_name(name), parent, depth, now=now)
        if not await repository.add_department(row):
            raise DepartmentNameTaken
    return DepartmentRow(row.id, parent, depth, row.name)


def new_department(
    organisation_id: UUID, name: str, parent: UUID | None, depth: int, *, now: datetime
) -> Department:
    return Department(
        id=uuid7(),
        organisation=organisation_id,
        parent=parent,
        depth=depth,
        name=name,
        created_at=now,
    )


async def rename_department(
    person_id: UUID, organisation_id: UUID, department_id: UUID, name: str
) -> DepartmentRow:
    name = department_name(name)
    async with UnitOfWork(DB):
        await managed(person_id, organisation_id)
        rows = await repository.departments(organisation_id)
        found = _among(rows, department_id)
        if any(r.parent == found.parent and r.name == name and r.id != found.id for r in rows):
            raise DepartmentNameTaken
        await repository.rename_department(department_id, name)
    return DepartmentRow(found.id, found.parent, found.depth, name)


def _among(rows: list[DepartmentRow], department_id: UUID) -> DepartmentRow:
    for row in rows:
        if row.id == department_id:
            return row
    raise OrganisationNotFound


async def close_department(
    person_id: UUID, organisation_id: UUID, department_id: UUID, *, now: datetime
) -> None:
    async with UnitOfWork(DB):
        await managed(person_id, organisation_id)
        if await repository.department(organisation_id, department_id) is None:
            raise OrganisationNotFound
        if await repository.department_used(department_id):
            raise DepartmentInUse
        await repository.close_department(department_id, now=now)


async def refuse_foreign_department(organisation_id: UUID, department_id: UUID | None) -> None:
    if department_id is not None and (
        await repository.department(organisation_id, department_id) is None
    ):
        raise _no_department("departmentId")


def _no_department(field: str) -> DepartmentNotFound:
    return DepartmentNotFound(fields={field: "该组织没有此部门 / not one of this organisation"})


# --- coming by code ---------------------------------------------------------------------------


async def join(
    vault: Vault, person_id: UUID, typed: str, *, now: datetime
) -> tuple[Organisation, bool]:
    """The organisation, and whether the person is in: else a manager looks at it first."""
    name = (await holder_of(vault, person_id)).name
    async with UnitOfWork(DB):
        profile = await _joinable(typed)
        if await organisations.belongs(person_id, profile.id):
            raise AlreadyMember
        if profile.join_needs_approval:
            await repository.add_request(_request(vault, profile.id, person_id, name, now=now))
        else:
            await repository.add(
                repository.newcomer(
                    vault, profile.id, person_id, name, joined_by=JoinedBy.CODE, now=now
                )
            )
    return profile, not profile.join_needs_approval


async def _joinable(typed: str) -> organisations.Profile:
    profile = await organisations.profile_by_join_code(typed_join_code(typed))
    if profile is None:
        raise JoinCodeNotRight
    return profile


async def requests(
    vault: Vault,
    person_id: UUID,
    organisation_id: UUID,
    *,
    after: UUID | None,
    limit: int,
    now: datetime,
) -> list[RequestView]:
    async with UnitOfWork(DB):
        await refuse_stranger(person_id, organisation_id)
        found = await repository.requests(organisation_id, after=after, limit=limit)
        await note_people([one.person for one in found], person_id, organisation_id, now=now)
    return request_views(vault, found)


async def decide_request(
    vault: Vault,
    person_id: UUID,
    organisation_id: UUID,
    request_id: UUID,
    *,
    approve: bool,
    now: datetime,
) -> None:
    async with UnitOfWork(DB):
        await managed(person_id, organisation_id)
        state = "approved" if approve else "refused"
        asked = await repository.decide_request(
            organisation_id, request_id, state, by=person_id, now=now
        )
        if asked is None:
            raise JoinRequestNotFound
        if approve and asked.name_sealed:
            name = vault.open(asked.name_sealed, place(JoinRequest.name_sealed, asked.id))
            await repository.add(
                repository.newcomer(
                    vault, organisation_id, asked.person, name, joined_by=JoinedBy.CODE, now=now
                )
            )


def _request(
    vault: Vault, organisation_id: UUID, person_id: UUID, name: str, *, now: datetime
) -> JoinRequest:
    row_id = uuid7()
    return JoinRequest(
        id=row_id,
        organisation=organisation_id,
        person=person_id,
        name_sealed=vault.seal(name, place(JoinRequest.name_sealed, row_id)),
        state="asked",
        asked_at=now,
    )
