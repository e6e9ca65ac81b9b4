"""A person's own organisations: where they are, coming in by invitation or code, leaving."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.accounts.domain import Caller
from backend.organisations.domain import Membership, Organisation
from backend.organisations.guards import OWN
from backend.organisations.members import expected, invitations, service
from backend.organisations.members.invitations import Offer
from backend.organisations.members.schemas import (
    JoinCode,
    Joined,
    Offers,
    Place,
    Places,
    Token,
)
from backend.organisations.service import organisations_of
from infra.vault import Vault


class MyOrganisationController(Controller):
    path = "/v1/me/organisations"
    tags = ("organisations",)
    guards = (OWN,)

    @get("/", operation_id="ListMyOrganisations", summary="Where I am a member or a manager")
    async def mine(
        self,
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> Places:
        """An organisation that listed me by a login of mine counts me as come from here on; the
        app asks this after signing in."""
        await expected.claim_mine(vault, caller.person_id, now=now)
        return Places(items=[_place(m) for m in await organisations_of(caller.person_id)])

    @post(
        "/",
        operation_id="JoinOrganisation",
        summary="Join by the code that a manager gave me",
        status_code=200,
    )
    async def join(
        self,
        data: JSONBody[JoinCode],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> Joined:
        organisation, joined = await service.join(vault, caller.person_id, data.code, now=now)
        return _joined(organisation, joined=joined)

    @delete("/{organisation_id:uuid}", operation_id="LeaveOrganisation", summary="Leave")
    async def leave(
        self,
        organisation_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        """My records stay mine. The last manager names a successor first."""
        await service.leave(caller.person_id, organisation_id, now=now)


class MyInvitationController(Controller):
    path = "/v1/me/invitations"
    tags = ("organisations",)
    guards = (OWN,)

    @get("/", operation_id="ListMyInvitations", summary="Invitations that name a login of mine")
    async def offers(
        self, caller: NamedDependency[Caller], now: NamedDependency[datetime]
    ) -> Offers:
        return Offers(items=await invitations.offers(caller.person_id, now=now))

    @post(
        "/{invitation_id:uuid}/acceptance",
        operation_id="AcceptMyInvitation",
        summary="Accept an invitation that names a login of mine",
        status_code=200,
    )
    async def accept(
        self,
        invitation_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> Joined:
        organisation = await invitations.accept_offer(
            vault, caller.person_id, invitation_id, now=now
        )
        return _joined(organisation, joined=True)

    @post(
        "/by-token",
        operation_id="SeeInvitation",
        summary="What a link offers me",
        status_code=200,
    )
    async def look(
        self,
        data: JSONBody[Token],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> Offer:
        """In a body: a token does not belong into an address. 404 for everyone it is not for."""
        return await invitations.looked_at(caller.person_id, data.token, now=now)

    @post(
        "/by-token/acceptance",
        operation_id="AcceptInvitation",
        summary="Accept the invitation of a link",
        status_code=200,
    )
    async def accept_link(
        self,
        data: JSONBody[Token],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> Joined:
        organisation = await invitations.accept_link(vault, caller.person_id, data.token, now=now)
        return _joined(organisation, joined=True)


def _joined(organisation: Organisation, *, joined: bool) -> Joined:
    return Joined(organisation_id=organisation.id, organisation=organisation.name, joined=joined)


def _place(membership: Membership) -> Place:
    organisation = membership.organisation
    return Place(
        id=organisation.id,
        name=organisation.name,
        code=organisation.code,
        kind=organisation.kind,
        reporting_unit=organisation.reporting_unit,
        state=organisation.state,
        position=membership.position,
        duty=membership.duty,
        department_id=membership.department_id,
    )


ROUTES: list[Any] = [MyOrganisationController, MyInvitationController]
