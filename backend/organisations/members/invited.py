"""Invitations of one organisation, for its managers."""

from datetime import datetime
from uuid import UUID

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.accounts.domain import Caller, Login, new_login
from backend.organisations.guards import MANAGED, Limit
from backend.organisations.members import invitations
from backend.organisations.members.schemas import InvitationMade, InvitationPage, NewInvitation
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
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> InvitationMade:
        """With a login named, its owner also finds the invitation at GET /v1/me/invitations, and
        nobody else can use its token."""
        invitation, token = await invitations.invite(
            vault,
            caller.person_id,
            organisation_id,
            login=_login(data.login) if data.login else None,
            position=data.position,
            department=data.department_id,
            now=now,
        )
        return InvitationMade(invitation=invitation, token=token)

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


def _login(text: str) -> Login:
    return new_login(email=text, phone=None) if "@" in text else new_login(email=None, phone=text)
