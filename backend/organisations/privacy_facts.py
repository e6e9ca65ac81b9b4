"""What organisations keep of a person: told to the person, and taken away."""

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import Column

from backend.organisations import service as organisations
from backend.organisations import vacancies
from backend.organisations.assignments import service as assignments
from backend.organisations.members import repository as members
from backend.organisations.members import service as membership_service
from backend.organisations.tables import JoinRequest, Membership
from infra.clock import system_clock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault, place

_SEALED: dict[str, Column] = {
    "name": Membership.name_sealed,
    "staffNumber": Membership.staff_number_sealed,
    "contact": Membership.contact_sealed,
}


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    """What is due, and late, as it stands at the machine's time."""
    row = Membership
    found = (
        await row.select(*row.all_columns(), row.organisation.name.as_alias("organisation_name"))
        .where(row.person == person_id)
        .order_by(row.id)
    )
    asked = JoinRequest
    requests = (
        await asked.select(asked.organisation.name.as_alias("organisation"), asked.state)
        .where(asked.person == person_id)
        .order_by(asked.id)
    )
    return {
        "memberships": [_membership(vault, one) for one in found],
        "joinRequests": requests,
        **await _assigned(person_id, found),
    }


async def _assigned(person_id: UUID, memberships: list[dict[str, Any]]) -> dict[str, Any]:
    """What is due of somebody who is a member now."""
    if all(one["left_at"] for one in memberships):
        return {}
    return await assignments.personal_data(person_id, now=system_clock())


def _membership(vault: Vault, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "organisation": row["organisation_name"],
        "position": row["position"],
        "joinedAt": row["joined_at"],
        "leftAt": row["left_at"],
        **{said: _opened(vault, column, row) for said, column in _SEALED.items()},
    }


def _opened(vault: Vault, column: Column, row: dict[str, Any]) -> str | None:
    sealed = row[column._meta.db_column_name]
    return vault.open(bytes(sealed), place(column, row["id"])) if sealed else None


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """Memberships end, and what reads as a person goes from them. Safe to repeat. A right to be
    erased waits for no successor: an organisation that is left alone is one that administrators
    find in their list."""
    async with UnitOfWork(DB):
        await vacancies.leave_office(person_id, now=now)
        await members.forget(person_id, now=now)


async def managed_alone(person_id: UUID) -> list[str]:
    """Names of the organisations that erasure would leave without a manager."""
    return await vacancies.managed_alone(person_id)


async def leave_all(person_id: UUID, *, now: datetime) -> None:
    """Managers see members only: whoever no longer wants that leaves. LastManager where nobody
    else is left to manage."""
    for membership in await organisations.organisations_of(person_id):
        await membership_service.leave(person_id, membership.organisation.id, now=now)
