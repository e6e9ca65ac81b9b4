"""Organisations without a manager, for administrators."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.accounts.domain import Caller, Role, checked_login
from backend.accounts.guards import requires
from backend.accounts.service import Desk
from backend.organisations import vacancies
from backend.organisations.guards import Limit
from backend.organisations.members.invited import invitation_made
from backend.organisations.members.schemas import Appointment, InvitationMade
from backend.organisations.schemas import OrganisationPage, view


class VacancyController(Controller):
    path = "/v1/organisations"
    tags = ("organisations",)
    guards = (requires(Role.ADMINISTRATOR, whose="any"),)

    @get(
        "/without-manager",
        operation_id="ListOrganisationsWithoutManager",
        summary="Organisations whose last manager was erased",
    )
    async def page(
        self, cursor: FromQuery[UUID | None] = None, limit: Limit = 50
    ) -> OrganisationPage:
        found = await vacancies.without_manager(after=cursor, limit=limit + 1)
        shown = [view(profile) for profile in found[:limit]]
        return OrganisationPage(
            items=shown, next_cursor=shown[-1].id if len(found) > limit else None
        )

    @post(
        "/{organisation_id:uuid}/appointment",
        operation_id="AppointManager",
        summary="Invite a manager into an organisation that has none",
    )
    async def appoint(
        self,
        organisation_id: FromPath[UUID],
        data: JSONBody[Appointment],
        caller: NamedDependency[Caller],
        desk: NamedDependency[Desk],
        now: NamedDependency[datetime],
    ) -> InvitationMade:
        """The owner of the login becomes its manager by accepting."""
        made = await vacancies.appoint(
            desk.vault,
            desk.messages,
            organisation_id,
            checked_login(data.login),
            by=caller.person_id,
            now=now,
        )
        return invitation_made(made)


ROUTES: list[Any] = [VacancyController]
