"""Organisations over HTTP: declaring, deciding, profile and certification cycle."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.organisations import profiles, vacancy_controllers
from backend.organisations.certification import Cycle, Fact
from backend.organisations.credit_codes import typed_credit_code
from backend.organisations.domain import Kind, Position, State
from backend.organisations.guards import BELONGS, MANAGED, OWN, Limit
from backend.organisations.imports import controllers as imports
from backend.organisations.members import controllers as members
from backend.organisations.reporting_units import known_reporting_unit, reporting_units
from backend.organisations.repository import Profile
from backend.organisations.schemas import (
    FactView,
    NewFact,
    NewOrganisation,
    OrganisationChange,
    OrganisationPage,
    OrganisationProfile,
    OrganisationView,
    Refusal,
    ReportingUnits,
    ReportingUnitView,
    cycle_view,
    view,
)
from infra.ids import uuid7
from infra.vault import Vault

Standing = Annotated[State, QueryParameter(name="state")]
_SHANGHAI = ZoneInfo("Asia/Shanghai")


@get(
    "/v1/reporting-units",
    operation_id="ListReportingUnits",
    summary="Units that report to the national office, as of today",
    tags=["organisations"],
    guards=[requires(whose="the public list")],
)
async def list_reporting_units(now: NamedDependency[datetime]) -> ReportingUnits:
    units = reporting_units(now.astimezone(_SHANGHAI).date())
    return ReportingUnits(
        items=[ReportingUnitView(code=u.code, name=u.name, en=u.en) for u in units]
    )


class OrganisationController(Controller):
    path = "/v1/organisations"
    tags = ("organisations",)

    @post(
        "/",
        operation_id="DeclareOrganisation",
        summary="Declare an organisation and become its first manager",
        guards=[OWN],
    )
    async def declare(
        self,
        data: JSONBody[NewOrganisation],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> OrganisationView:
        row = profiles.declared(
            code=typed_credit_code(data.code),
            name=data.name,
            kind=data.kind,
            reporting_unit=known_reporting_unit(
                data.reporting_unit, now.astimezone(_SHANGHAI).date()
            ),
            by=caller.person_id,
            demo=False,
            now=now,
        )
        return view(await profiles.declare(vault, row, now=now), Position.MANAGER)

    @get(
        "/",
        operation_id="ListOrganisations",
        summary="Organisations in a state, oldest declaration first",
        guards=[requires(Role.ADMINISTRATOR, whose="any")],
    )
    async def page(
        self,
        standing: Standing = State.DECLARED,
        kind: FromQuery[Kind | None] = None,
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 50,
    ) -> OrganisationPage:
        found = await profiles.in_state(standing, kind, after=cursor, limit=limit + 1)
        shown = [view(profile) for profile in found[:limit]]
        more = shown[-1].id if len(found) > limit else None
        return OrganisationPage(items=shown, next_cursor=more)

    @get(
        "/{organisation_id:uuid}",
        operation_id="GetOrganisation",
        summary="Profile and certification cycle",
        guards=[BELONGS],
    )
    async def one(
        self,
        organisation_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> OrganisationProfile:
        profile, position = await profiles.profile_of(caller.person_id, organisation_id)
        today = now.astimezone(_SHANGHAI).date()
        facts, cycle = await profiles.certification_of(organisation_id, today=today)
        return profile_view(profile, position, facts, cycle)

    @patch(
        "/{organisation_id:uuid}",
        operation_id="ChangeOrganisation",
        summary="Correct a declaration that nobody has confirmed yet",
        guards=[MANAGED],
    )
    async def change(
        self,
        organisation_id: FromPath[UUID],
        data: JSONBody[OrganisationChange],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> OrganisationView:
        unit = data.reporting_unit
        if unit is not None:
            unit = known_reporting_unit(unit, now.astimezone(_SHANGHAI).date())
        changed = await profiles.change(
            caller.person_id, organisation_id, name=data.name, reporting_unit=unit
        )
        return view(changed, Position.MANAGER)

    @post(
        "/{organisation_id:uuid}/confirmation",
        operation_id="ConfirmOrganisation",
        summary="Confirm a declaration",
        status_code=200,
        guards=[requires(Role.ADMINISTRATOR, whose="any")],
    )
    async def confirm(
        self,
        organisation_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> OrganisationView:
        return view(await profiles.confirm(organisation_id, by=caller.person_id, now=now))

    @post(
        "/{organisation_id:uuid}/refusal",
        operation_id="RefuseOrganisation",
        summary="Refuse a declaration, with what was missing",
        status_code=200,
        guards=[requires(Role.ADMINISTRATOR, whose="any")],
    )
    async def refuse(
        self,
        organisation_id: FromPath[UUID],
        data: JSONBody[Refusal],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> OrganisationView:
        refused = await profiles.refuse(organisation_id, data.reason, by=caller.person_id, now=now)
        return view(refused)

    @post(
        "/{organisation_id:uuid}/certification-facts",
        operation_id="RecordCertificationFact",
        summary="Record a dated fact of the certification cycle, or take one back",
        guards=[MANAGED],
    )
    async def record_fact(
        self,
        organisation_id: FromPath[UUID],
        data: JSONBody[NewFact],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> OrganisationProfile:
        fact = Fact(
            id=uuid7(),
            kind=data.kind,
            happened_on=data.happened_on,
            standard=data.standard,
            certificate_number=data.certificate_number,
            withdraws=data.withdraws,
        )
        today = now.astimezone(_SHANGHAI).date()
        facts, cycle = await profiles.record_fact(
            caller.person_id, organisation_id, fact, now=now, today=today
        )
        profile, position = await profiles.profile_of(caller.person_id, organisation_id)
        return profile_view(profile, position, facts, cycle)


def profile_view(
    profile: Profile, position: Position, facts: list[Fact], cycle: Cycle
) -> OrganisationProfile:
    return OrganisationProfile(
        **msgspec.structs.asdict(view(profile, position)),
        certification=cycle_view(cycle),
        facts=[
            FactView(
                id=fact.id,
                kind=fact.kind,
                happened_on=fact.happened_on,
                standard=fact.standard,
                certificate_number=fact.certificate_number,
                withdraws=fact.withdraws,
            )
            for fact in facts
        ],
    )


ROUTES: list[Any] = [
    list_reporting_units,
    OrganisationController,
    *members.ROUTES,
    *imports.ROUTES,
    *vacancy_controllers.ROUTES,
]
