"""Rows of organisations, of who manages them, and of their certification facts."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from piccolo.columns.combination import WhereRaw

from backend.organisations.certification import Fact
from backend.organisations.domain import Kind, Membership, Organisation, Position, State
from backend.organisations.tables import CertificationFact
from backend.organisations.tables import Membership as MembershipRow
from backend.organisations.tables import Organisation as OrganisationRow
from infra.database import UnitOfWork, connection
from infra.engine import DB

COLUMNS = (
    OrganisationRow.id,
    OrganisationRow.code,
    OrganisationRow.name,
    OrganisationRow.kind,
    OrganisationRow.reporting_unit,
    OrganisationRow.state,
    OrganisationRow.demonstration,
)


_UNITS = """
SELECT DISTINCT m.person, o.reporting_unit
FROM membership m JOIN organisation o ON o.id = m.organisation
WHERE m.person = ANY($1::uuid[]) AND m.left_at IS NULL AND o.state <> 'refused'
"""


class Profile(Organisation, frozen=True, kw_only=True):
    """An organisation as its own people and administrators see it."""

    declared_at: datetime
    decided_at: datetime | None
    decided_because: str | None
    join_code: str | None
    join_needs_approval: bool


_PROFILE = (
    *COLUMNS,
    OrganisationRow.declared_at,
    OrganisationRow.decided_at,
    OrganisationRow.decided_because,
    OrganisationRow.join_code,
    OrganisationRow.join_needs_approval,
)


async def add(organisation: OrganisationRow) -> bool:
    """False when this person's declaration of the code is open already."""
    added = await OrganisationRow.insert(organisation).on_conflict(action="DO NOTHING")
    return bool(added)


async def organisation_of(organisation_id: UUID) -> Organisation | None:
    row = (
        await OrganisationRow.select(*COLUMNS).where(OrganisationRow.id == organisation_id).first()
    )
    return msgspec.convert(row, Organisation) if row else None


async def names_of(ids: Collection[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    rows = await OrganisationRow.select(OrganisationRow.id, OrganisationRow.name).where(
        OrganisationRow.id.is_in(list(ids))
    )
    return {row["id"]: row["name"] for row in rows}


async def organisations_named(ids: set[UUID]) -> dict[UUID, Organisation]:
    """Without those that were refused."""
    if not ids:
        return {}
    rows = await OrganisationRow.select(*COLUMNS).where(
        OrganisationRow.id.is_in(list(ids)), OrganisationRow.state != State.REFUSED
    )
    return {row["id"]: msgspec.convert(row, Organisation) for row in rows}


async def profile_of(organisation_id: UUID, *, lock: bool = False) -> Profile | None:
    """`lock`: what changes managers or the join code of one organisation queues here."""
    query = OrganisationRow.select(*_PROFILE).where(OrganisationRow.id == organisation_id).first()
    row = await (query.lock_rows("UPDATE") if lock else query)
    return msgspec.convert(row, Profile) if row else None


async def confirmed_of_code(code: str) -> Organisation | None:
    row = (
        await OrganisationRow.select(*COLUMNS)
        .where(OrganisationRow.code == code, OrganisationRow.state == State.CONFIRMED)
        .first()
    )
    return msgspec.convert(row, Organisation) if row else None


async def profile_by_join_code(code: str) -> Profile | None:
    row = (
        await OrganisationRow.select(*_PROFILE)
        .where(OrganisationRow.join_code == code, OrganisationRow.state != State.REFUSED)
        .first()
    )
    return msgspec.convert(row, Profile) if row else None


async def open_declarations(person_id: UUID) -> int:
    """Few: the service bounds them."""
    found: int = await OrganisationRow.count().where(
        OrganisationRow.declared_by == person_id, OrganisationRow.state == State.DECLARED
    )
    return found


async def in_state(
    state: State, kind: Kind | None, *, after: UUID | None, limit: int
) -> list[Profile]:
    """Oldest first."""
    query = OrganisationRow.select(*_PROFILE).where(OrganisationRow.state == state)
    if kind is not None:
        query = query.where(OrganisationRow.kind == kind)
    if after is not None:
        query = query.where(OrganisationRow.id > after)
    return msgspec.convert(await query.order_by(OrganisationRow.id).limit(limit), list[Profile])


async def decide(
    organisation_id: UUID, state: State, *, by: UUID, because: str | None, now: datetime
) -> bool:
    """False when it was decided already."""
    changed = (
        await OrganisationRow.update(
            {
                OrganisationRow.state: state,
                OrganisationRow.decided_by: by,
                OrganisationRow.decided_at: now,
                OrganisationRow.decided_because: because,
            }
        )
        .where(OrganisationRow.id == organisation_id, OrganisationRow.state == State.DECLARED)
        .returning(OrganisationRow.id)
    )
    return bool(changed)


async def lock_code_of(organisation_id: UUID) -> Profile | None:
    """With all declarations of the same code, in one order: two administrators who decide about
    two of them at once wait for each other, and neither deadlocks."""
    rows = (
        await OrganisationRow.select(*_PROFILE)
        .where(
            OrganisationRow.code.is_in(
                OrganisationRow.select(OrganisationRow.code).where(
                    OrganisationRow.id == organisation_id
                )
            )
        )
        .order_by(OrganisationRow.id)
        .lock_rows("UPDATE")
    )
    found = [row for row in rows if row["id"] == organisation_id]
    return msgspec.convert(found[0], Profile) if found else None


async def rivals_of(code: str, organisation_id: UUID) -> list[UUID]:
    """Other open declarations of the same code."""
    rows = await OrganisationRow.select(OrganisationRow.id).where(
        OrganisationRow.code == code,
        OrganisationRow.state == State.DECLARED,
        OrganisationRow.id != organisation_id,
    )
    return [row["id"] for row in rows]


async def change(organisation_id: UUID, values: dict[Any, Any]) -> None:
    await OrganisationRow.update(values).where(OrganisationRow.id == organisation_id)


# --- who manages what -------------------------------------------------------------------------


def present(person_id: UUID, organisation_id: UUID) -> Iterable[Any]:
    return (
        MembershipRow.organisation == organisation_id,
        MembershipRow.person == person_id,
        MembershipRow.left_at.is_null(),
    )


async def manages(person_id: UUID, organisation_id: UUID) -> bool:
    return await MembershipRow.exists().where(
        *present(person_id, organisation_id), MembershipRow.position == Position.MANAGER
    )


async def belongs(person_id: UUID, organisation_id: UUID) -> bool:
    return await MembershipRow.exists().where(*present(person_id, organisation_id))


_COLLEAGUES = """
SELECT DISTINCT theirs.person FROM membership mine
JOIN membership theirs ON theirs.organisation = mine.organisation AND theirs.left_at IS NULL
WHERE mine.person = $1 AND mine.left_at IS NULL AND theirs.person = ANY($2) AND theirs.person <> $1
"""


async def colleagues(person_id: UUID, others: Collection[UUID]) -> set[UUID]:
    async with UnitOfWork(DB):
        rows = await connection().fetch(_COLLEAGUES, person_id, list(others))
    return {row["person"] for row in rows}


_FIRST = """
SELECT DISTINCT ON (person) person, organisation FROM membership
WHERE person = ANY($1::uuid[]) AND left_at IS NULL ORDER BY person, joined_at, id
"""


async def first_organisations(person_ids: Collection[UUID]) -> dict[UUID, UUID]:
    async with UnitOfWork(DB):
        rows = await connection().fetch(_FIRST, list(person_ids))
    return {row["person"]: row["organisation"] for row in rows}


async def managers_of(organisation_id: UUID) -> list[UUID]:
    rows = await MembershipRow.select(MembershipRow.person).where(
        MembershipRow.organisation == organisation_id,
        MembershipRow.position == Position.MANAGER,
        MembershipRow.left_at.is_null(),
    )
    return [row["person"] for row in rows]


async def managed_by(person_id: UUID) -> list[UUID]:
    """In one order, so that whoever locks them all cannot deadlock."""
    rows = (
        await MembershipRow.select(MembershipRow.organisation)
        .where(
            MembershipRow.person == person_id,
            MembershipRow.position == Position.MANAGER,
            MembershipRow.left_at.is_null(),
        )
        .order_by(MembershipRow.organisation)
    )
    return [row["organisation"] for row in rows]


async def without_manager(*, after: UUID | None, limit: int) -> list[Profile]:
    """Oldest first, without those that were refused."""
    alone = OrganisationRow.id.is_not_null() if after is None else OrganisationRow.id > after
    rows = (
        await OrganisationRow.select(*_PROFILE)
        .where(
            alone,
            OrganisationRow.state != State.REFUSED,
            WhereRaw(
                "NOT EXISTS (SELECT 1 FROM membership m WHERE m.organisation = organisation.id"
                " AND m.position = 'manager' AND m.left_at IS NULL)"
            ),
        )
        .order_by(OrganisationRow.id)
        .limit(limit)
    )
    return msgspec.convert(rows, list[Profile])


async def organisation_ids_of(person_id: UUID, *, limit: int) -> list[UUID]:
    """Oldest membership first: for what every request may ask, `memberships_of` is too much."""
    rows = await MembershipRow.raw(
        "SELECT organisation FROM membership WHERE person = {} AND left_at IS NULL"
        " ORDER BY id LIMIT {}",
        person_id,
        limit,
    )
    return [row["organisation"] for row in rows]


async def memberships_of(person_id: UUID) -> list[Membership]:
    """Present ones, oldest first, each with its organisation: one query."""
    rows = (
        await MembershipRow.select(
            MembershipRow.id,
            MembershipRow.department,
            MembershipRow.position,
            MembershipRow.duty,
            MembershipRow.joined_at,
            *(getattr(MembershipRow.organisation, column._meta.name) for column in COLUMNS),
        )
        .where(MembershipRow.person == person_id, MembershipRow.left_at.is_null())
        .order_by(MembershipRow.id)
        .limit(100)
    )
    return [_membership(row) for row in rows]


async def units_of(person_ids: Collection[UUID]) -> dict[UUID, set[str]]:
    async with UnitOfWork(DB):
        rows = await connection().fetch(_UNITS, list(person_ids))
    units: dict[UUID, set[str]] = {}
    for row in rows:
        units.setdefault(row["person"], set()).add(row["reporting_unit"])
    return units


def _membership(row: dict[str, Any]) -> Membership:
    organisation = {
        name.partition(".")[2]: value
        for name, value in row.items()
        if name.startswith("organisation.")
    }
    return msgspec.convert(
        {**row, "department_id": row["department"], "organisation": organisation}, Membership
    )


# --- certification facts ----------------------------------------------------------------------


async def facts_of(organisation_id: UUID) -> list[Fact]:
    rows = (
        await CertificationFact.select()
        .where(CertificationFact.organisation == organisation_id)
        .order_by(CertificationFact.id)
    )
    return msgspec.convert(rows, list[Fact])


async def add_fact(fact: Fact, organisation_id: UUID, *, by: UUID, now: datetime) -> None:
    await CertificationFact.insert(
        CertificationFact(
            id=fact.id,
            organisation=organisation_id,
            kind=fact.kind,
            happened_on=fact.happened_on,
            standard=fact.standard,
            certificate_number=fact.certificate_number,
            withdraws=fact.withdraws,
            recorded_by=by,
            recorded_at=now,
        )
    )
