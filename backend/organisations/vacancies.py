"""Organisations that nobody manages any more: how they come about, and how that is mended.

Leaving or being removed needs a successor. Erasure does not: it is a right, and must not hang on
what others do. Then the members stay, nobody can change anything, and administrators find the
organisation in their list. They appoint nobody over its head: they invite whom the organisation
names in writing, by an address that is proven when the invitation is accepted, and only while
there is no manager.
"""

from datetime import datetime
from uuid import UUID

from backend.accounts.domain import Login
from backend.accounts.service import Messages
from backend.organisations import repository
from backend.organisations.domain import (
    HasManager,
    OrganisationNotFound,
    Position,
    refuse_unless_active,
)
from backend.organisations.members import invitations
from backend.organisations.members import repository as members
from backend.organisations.members.invitations import Made, Wanted
from backend.organisations.repository import Profile
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault


async def leave_office(person_id: UUID, *, now: datetime) -> None:
    """In the unit of work that then ends the person's memberships."""
    for organisation_id in await repository.managed_by(person_id):
        await repository.profile_of(organisation_id, lock=True)
        await members.withdraw_invitations_of(person_id, organisation_id, now=now)
        if await repository.managers_of(organisation_id) == [person_id]:
            await record_act(
                "organisation-without-manager",
                actor=None,
                subject=f"organisation:{organisation_id}",
                now=now,
            )


async def managed_alone(person_id: UUID) -> list[str]:
    """Names of the organisations that nobody would manage without this person."""
    managed = await repository.managed_by(person_id)
    alone = [one for one in managed if await repository.managers_of(one) == [person_id]]
    profiles = [await repository.profile_of(one) for one in alone]
    return [profile.name for profile in profiles if profile]


async def without_manager(*, after: UUID | None, limit: int) -> list[Profile]:
    return await repository.without_manager(after=after, limit=limit)


async def appoint(
    vault: Vault,
    messages: Messages | None,
    organisation_id: UUID,
    login: Login,
    *,
    by: UUID,
    now: datetime,
) -> Made:
    """HasManager, OrganisationNotFound, Refused."""
    async with UnitOfWork(DB):
        organisation = await repository.profile_of(organisation_id, lock=True)
        if organisation is None:
            raise OrganisationNotFound
        refuse_unless_active(organisation.state)
        if await repository.managers_of(organisation_id):
            raise HasManager
        wanted = Wanted(login=login, position=Position.MANAGER)
        row, sent = await invitations.make(vault, messages, organisation, wanted, by=by, now=now)
    return invitations.made(vault, row, sent=sent)
