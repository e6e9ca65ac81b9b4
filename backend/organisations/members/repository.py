"""Rows of members, departments and join requests, and the sealing of what they say of people."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.organisations.domain import JoinedBy, Position
from backend.organisations.tables import Department, JoinRequest, Membership
from infra.database import connection
from infra.ids import uuid7
from infra.vault import Vault, place

NAME_INDEXED = "member-name\0"
_NONE = UUID(int=0)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Sealed fields are opened by the service, which shows them masked."""

    id: UUID
    organisation: UUID
    person: UUID
    department: UUID | None
    position: Position
    duty: str | None
    staff_number_sealed: bytes | None
    name_sealed: bytes | None
    contact_sealed: bytes | None
    contact_index: bytes | None
    joined_at: datetime
    left_at: datetime | None
    left_because: str | None


_MEMBER = [
    column
    for column in Membership._meta.columns
    if column._meta.name in set(Member.__struct_fields__)
]


def newcomer(
    vault: Vault,
    organisation_id: UUID,
    person_id: UUID,
    name: str,
    *,
    joined_by: JoinedBy,
    now: datetime,
    row_id: UUID | None = None,
) -> Membership:
    row_id = row_id or uuid7()
    return Membership(
        id=row_id,
        organisation=organisation_id,
        person=person_id,
        position=Position.MEMBER,
        name_sealed=vault.seal(name, place(Membership.name_sealed, row_id)),
        name_index=name_index(vault, name),
        joined_at=now,
        joined_by=joined_by,
    )


def name_index(vault: Vault, name: str) -> bytes:
    return vault.index(NAME_INDEXED + "".join(name.split()).casefold())


def with_contact(vault: Vault, member: Membership, value: str, index: bytes) -> None:
    member.contact_sealed = vault.seal(value, place(Membership.contact_sealed, member.id))
    member.contact_index = index


async def add(member: Membership, *, position: Position | None = None) -> bool:
    """False when the person is a member already."""
    if position is not None:
        member.position = position
    return bool(await Membership.insert(member).on_conflict(action="DO NOTHING"))


async def position_of(person_id: UUID, organisation_id: UUID) -> Position | None:
    row = (
        await Membership.select(Membership.position)
        .where(
            Membership.organisation == organisation_id,
            Membership.person == person_id,
            Membership.left_at.is_null(),
        )
        .first()
    )
    return Position(row["position"]) if row else None


async def one(organisation_id: UUID, member_id: UUID) -> Member | None:
    """A present member."""
    row = (
        await Membership.select(*_MEMBER)
        .where(
            Membership.id == member_id,
            Membership.organisation == organisation_id,
            Membership.left_at.is_null(),
        )
        .first()
    )
    return msgspec.convert(row, Member) if row else None


async def of_person(organisation_id: UUID, person_id: UUID) -> Member | None:
    row = (
        await Membership.select(*_MEMBER)
        .where(
            Membership.organisation == organisation_id,
            Membership.person == person_id,
            Membership.left_at.is_null(),
        )
        .first()
    )
    return msgspec.convert(row, Member) if row else None


async def all_of_person(person_id: UUID) -> list[Member]:
    """Past ones too."""
    rows = (
        await Membership.select(*_MEMBER)
        .where(Membership.person == person_id)
        .order_by(Membership.id)
    )
    return msgspec.convert(rows, list[Member])


async def page(
    organisation_id: UUID,
    *,
    present: bool,
    after: UUID | None,
    limit: int,
    department: UUID | None,
    position: Position | None,
    index: bytes | None,
) -> list[Member]:
    """By id, which is by the time of joining. `department` includes those below it."""
    ended = Membership.left_at.is_null() if present else Membership.left_at.is_not_null()
    query = Membership.select(*_MEMBER).where(Membership.organisation == organisation_id, ended)
    if after is not None:
        query = query.where(Membership.id > after)
    if department is not None:
        query = query.where(
            Membership.department.is_in([_NONE, *await below(organisation_id, department)])
        )
    if position is not None:
        query = query.where(Membership.position == position)
    if index is not None:
        query = query.where(Membership.name_index == index)
    return msgspec.convert(await query.order_by(Membership.id).limit(limit), list[Member])


async def change(member_id: UUID, values: dict[Any, Any]) -> None:
    await Membership.update(values).where(Membership.id == member_id)


async def end(member_id: UUID, because: str, *, now: datetime) -> None:
    await Membership.update({Membership.left_at: now, Membership.left_because: because}).where(
        Membership.id == member_id, Membership.left_at.is_null()
    )


async def withdraw_invitations_of(person_id: UUID, organisation_id: UUID, *, now: datetime) -> None:
    """What somebody handed out who manages here no longer opens nothing any more."""
    await connection().execute(
        "UPDATE invitation SET withdrawn_at = $3 WHERE organisation = $2 AND invited_by = $1"
        " AND num_nonnulls(used_at, withdrawn_at, declined_at) = 0",
        person_id,
        organisation_id,
        now,
    )


async def forget(person_id: UUID, *, now: datetime) -> None:
    """What reads as a person goes; that somebody was here, and when, stays under a random id."""
    await connection().execute(
        "UPDATE membership SET name_sealed = NULL, name_index = NULL, contact_sealed = NULL,"
        " contact_index = NULL, staff_number_sealed = NULL,"
        " left_at = coalesce(left_at, $2), left_because = coalesce(left_because, 'erased')"
        " WHERE person = $1",
        person_id,
        now,
    )
    await connection().execute(
        "UPDATE join_request SET name_sealed = NULL,"
        " state = CASE state WHEN 'asked' THEN 'taken-back' ELSE state END WHERE person = $1",
        person_id,
    )
    await connection().execute(
        "UPDATE invitation SET contact_sealed = NULL, contact_index = NULL WHERE used_by = $1",
        person_id,
    )


# --- departments ------------------------------------------------------------------------------


class DepartmentRow(msgspec.Struct, frozen=True):
    id: UUID
    parent: UUID | None
    depth: int
    name: str


_DEPARTMENT = (Department.id, Department.parent, Department.depth, Department.name)


async def departments(organisation_id: UUID) -> list[DepartmentRow]:
    """All open ones, from the top down; the service bounds their number."""
    rows = (
        await Department.select(*_DEPARTMENT)
        .where(Department.organisation == organisation_id, Department.closed_at.is_null())
        .order_by(Department.depth, Department.name)
    )
    return msgspec.convert(rows, list[DepartmentRow])


async def department(organisation_id: UUID, department_id: UUID) -> DepartmentRow | None:
    row = (
        await Department.select(*_DEPARTMENT)
        .where(
            Department.id == department_id,
            Department.organisation == organisation_id,
            Department.closed_at.is_null(),
        )
        .first()
    )
    return msgspec.convert(row, DepartmentRow) if row else None


async def below(organisation_id: UUID, department_id: UUID) -> list[UUID]:
    """The department and all under it; empty when it is another organisation's."""
    rows = await connection().fetch(
        "WITH RECURSIVE tree AS ("
        " SELECT id FROM department WHERE id = $1 AND organisation = $2"
        " UNION ALL SELECT d.id FROM department d JOIN tree ON d.parent = tree.id"
        ") SELECT id FROM tree",
        department_id,
        organisation_id,
    )
    return [row["id"] for row in rows]


async def add_department(row: Department) -> bool:
    """False when a sibling has the name."""
    return bool(await Department.insert(row).on_conflict(action="DO NOTHING"))


async def rename_department(department_id: UUID, name: str) -> None:
    await Department.update({Department.name: name}).where(Department.id == department_id)


async def department_used(department_id: UUID) -> bool:
    return bool(
        await connection().fetchval(
            "SELECT EXISTS (SELECT 1 FROM department WHERE parent = $1 AND closed_at IS NULL)"
            " OR EXISTS (SELECT 1 FROM membership WHERE department = $1 AND left_at IS NULL)"
            " OR EXISTS (SELECT 1 FROM expected_member WHERE department = $1)",
            department_id,
        )
    )


async def close_department(department_id: UUID, *, now: datetime) -> None:
    await Department.update({Department.closed_at: now}).where(Department.id == department_id)


# --- join requests ----------------------------------------------------------------------------


class Asked(msgspec.Struct, frozen=True):
    id: UUID
    person: UUID
    name_sealed: bytes | None
    asked_at: datetime


async def add_request(row: JoinRequest) -> None:
    """Asking twice is asking once."""
    await JoinRequest.insert(row).on_conflict(action="DO NOTHING")


async def requests(organisation_id: UUID, *, after: UUID | None, limit: int) -> list[Asked]:
    query = JoinRequest.select(
        JoinRequest.id, JoinRequest.person, JoinRequest.name_sealed, JoinRequest.asked_at
    ).where(JoinRequest.organisation == organisation_id, JoinRequest.state == "asked")
    if after is not None:
        query = query.where(JoinRequest.id > after)
    return msgspec.convert(await query.order_by(JoinRequest.id).limit(limit), list[Asked])


async def decide_request(
    organisation_id: UUID, request_id: UUID, state: str, *, by: UUID, now: datetime
) -> Asked | None:
    rows = (
        await JoinRequest.update(
            {
                JoinRequest.state: state,
                JoinRequest.decided_by: by,
                JoinRequest.decided_at: now,
            }
        )
        .where(
            JoinRequest.id == request_id,
            JoinRequest.organisation == organisation_id,
            JoinRequest.state == "asked",
        )
        .returning(
            JoinRequest.id, JoinRequest.person, JoinRequest.name_sealed, JoinRequest.asked_at
        )
    )
    return msgspec.convert(rows[0], Asked) if rows else None
