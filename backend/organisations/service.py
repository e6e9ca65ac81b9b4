"""Organisations for other areas, and what their founders, managers and administrators do.

What other areas may ask stands first; members and imports have services of their own below.
"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from backend.organisations import repository
from backend.organisations.demo_rows import DemoOrganisation, ensure_demo_organisation
from backend.organisations.demonstration import DemoStaff, ensure_demo_enterprise
from backend.organisations.domain import Membership, Organisation, OrganisationNotFound
from backend.organisations.imports.service import forget_waiting as forget_waiting_imports
from backend.organisations.members import repository as members
from backend.organisations.members.expected import claim_expected
from backend.organisations.members.links import forget_over as forget_over_invitations
from backend.organisations.reporting_units import known_reporting_unit
from backend.organisations.spreadsheets import BOM, XLSX_TYPE, csv_lines, harmless
from infra.access_log import Stay

__all__ = [
    "BOM",
    "XLSX_TYPE",
    "DemoOrganisation",
    "DemoStaff",
    "belongs",
    "claim_expected",
    "colleagues",
    "csv_lines",
    "ensure_demo_enterprise",
    "ensure_demo_organisation",
    "first_organisations",
    "forget_over_invitations",
    "forget_waiting_imports",
    "harmless",
    "known_unit",
    "manager_or_404",
    "managers_of",
    "manages",
    "names_of",
    "organisation",
    "organisation_ids_of",
    "organisations_of",
    "stays_of",
    "unit_of_code",
    "units_of",
]


async def manages(person_id: UUID, organisation_id: UUID) -> bool:
    return await repository.manages(person_id, organisation_id)


async def belongs(person_id: UUID, organisation_id: UUID) -> bool:
    """Now, as a member or a manager."""
    return await repository.belongs(person_id, organisation_id)


async def organisations_of(person_id: UUID) -> list[Membership]:
    """Where this person is at present, oldest first."""
    return await repository.memberships_of(person_id)


async def colleagues(person_id: UUID, others: Collection[UUID]) -> set[UUID]:
    """Of these, who is at present in an organisation where this person is, too."""
    return await repository.colleagues(person_id, others)


async def organisation_ids_of(person_id: UUID, *, limit: int) -> list[UUID]:
    """Of `organisations_of`, the first so many."""
    return await repository.organisation_ids_of(person_id, limit=limit)


async def stays_of(person_id: UUID) -> list[Stay]:
    """When this person was on which organisation's list of members, past times too."""
    found = await members.all_of_person(person_id)
    return [Stay(one.organisation, one.joined_at, one.left_at) for one in found]


async def organisation(organisation_id: UUID) -> Organisation:
    """OrganisationNotFound."""
    if (found := await repository.organisation_of(organisation_id)) is None:
        raise OrganisationNotFound
    return found


async def names_of(organisation_ids: Collection[UUID]) -> dict[UUID, str]:
    return await repository.names_of(organisation_ids)


async def manager_or_404(person_id: UUID, organisation_id: UUID) -> Organisation:
    """The organisation, for one of its managers; anybody else hears that there is none."""
    if not await repository.manages(person_id, organisation_id):
        raise OrganisationNotFound
    return await organisation(organisation_id)


async def managers_of(organisation_id: UUID) -> list[UUID]:
    return await repository.managers_of(organisation_id)


async def units_of(person_ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """The reporting units of the organisations where these people are at present."""
    return await repository.units_of(person_ids)


async def first_organisations(person_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Where these people are at present, each where they have been longest."""
    return await repository.first_organisations(person_ids)


async def unit_of_code(code: str) -> str | None:
    """The reporting unit of the confirmed organisation with this code."""
    found = await repository.confirmed_of_code(code)
    return found.reporting_unit if found else None


def known_unit(code: str, *, on: date) -> str:
    """The code itself. ReportingUnitNotKnown."""
    return known_reporting_unit(code, on)
