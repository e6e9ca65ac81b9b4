"""Invitations of one organisation, for its managers; and what a link shows to its holder."""

from datetime import datetime
from uuid import UUID

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.accounts.domain import Caller, checked_login
from backend.accounts.service import Desk
from backend.organisations.guards import MANAGED, Limit
from backend.organisations.members import invitations, links
from backend.organisations.members.invitations import Made, Wanted
from backend.organisations.members.links import Link
from backend.organisations.members.schemas import (
    InvitationMade,
    InvitationPage,
    NewInvitation,
    Token,
)
from infra.vault import Vault


class InvitationController(Controller):
    path = "/v1/organisations/{organisation_id:uuid}/invitations"
    tags = ("organisations",)
    guards = (MANAGED,)

    @post("/", operation_id="Invite", summary="Invite somebody: single use, 14 days")
    async def invite(
        self,
        organisation_id: FromPath[UUID],
        data: JSONBody[NewInvitation],
        caller: NamedDependency[Caller],
        desk: NamedDependency[Desk],
        now: NamedDependency[datetime],
    ) -> InvitationMade:
        """With a login named, its owner is sent the link, finds the invitation at GET
        /v1/me/invitations too, and nobody else can use its token."""
        wanted = Wanted(
            login=checked_login(data.login) if data.login else None,
            position=data.position,
            department=data.department_id,
        )
        made = await invitations.invite(
            desk.vault, desk.messages, caller.person_id, organisation_id, wanted, now=now
        )
        return invitation_made(made)

    @get("/", operation_id="ListInvitations", summary="Open invitations, oldest first")
    async def page(
        self,
        organisation_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 50,
    ) -> InvitationPage:
        found = await invitations.open_ones(
            vault, caller.person_id, organisation_id, after=cursor, limit=limit + 1, now=now
        )
        more = found[limit - 1].id if len(found) > limit else None
        return InvitationPage(items=found[:limit], next_cursor=more)

    @delete(
        "/{invitation_id:uuid}",
        operation_id="WithdrawInvitation",
        summary="Withdraw an open invitation",
    )
    async def withdraw(
        self,
        organisation_id: FromPath[UUID],
        invitation_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        await invitations.withdraw(caller.person_id, organisation_id, invitation_id, now=now)


class LinkController(Controller):
    path = "/v1/invitations/by-token"
    tags = ("organisations",)

    @post("/", operation_id="SeeLink", summary="What the link of an invitation is", status_code=200)
    async def look(
        self, data: JSONBody[Token], vault: NamedDependency[Vault], now: NamedDependency[datetime]
    ) -> Link:
        """Before signing in. In a body: a token does not belong into an address."""
        return await links.behind(vault, data.token, now=now)

    @post(
        "/refusal",
        operation_id="DeclineInvitation",
        summary="Decline the invitation of a link",
        status_code=204,
    )
    async def decline(self, data: JSONBody[Token], now: NamedDependency[datetime]) -> None:
        """Nobody has to sign up to say no."""
        await links.decline(data.token, now=now)


def invitation_made(made: Made) -> InvitationMade:
    return InvitationMade(invitation=made.invitation, token=made.token, sent=made.sent)
