"""The area's JSON: organisations and their profile."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.accounts.schemas import Input, Output
from backend.organisations.certification import Cycle, FactKind
from backend.organisations.domain import Kind, Position, State
from backend.organisations.repository import Profile

# One line: words with single blanks; nothing that controls, hides or turns round what is read.
_HIDDEN = r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff"
WORDS = rf"^[^\s{_HIDDEN}]+( [^\s{_HIDDEN}]+)*$"
OrganisationName = Annotated[str, msgspec.Meta(min_length=2, max_length=200, pattern=WORDS)]
UnitCode = Annotated[str, msgspec.Meta(min_length=2, max_length=8, pattern=r"^[A-Z]+$")]
Reason = Annotated[str, msgspec.Meta(min_length=2, max_length=500, pattern=WORDS)]


class NewOrganisation(Input):
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    """统一社会信用代码; spaces, full-width and lower-case letters are taken."""
    name: OrganisationName
    kind: Kind
    reporting_unit: UnitCode


class OrganisationChange(Input):
    """While declared only: an administrator has confirmed these."""

    name: OrganisationName | None = None
    reporting_unit: UnitCode | None = None


class Refusal(Input):
    reason: Reason


class NewFact(Input):
    kind: FactKind
    happened_on: date
    standard: Annotated[str, msgspec.Meta(min_length=2, max_length=32, pattern=WORDS)] | None = None
    """Such as GB/T 29490-2023."""
    certificate_number: (
        Annotated[str, msgspec.Meta(min_length=2, max_length=64, pattern=WORDS)] | None
    ) = None
    withdraws: UUID | None = None
    """For a withdrawal: the fact that it takes back."""


class FactView(Output):
    id: UUID
    kind: FactKind
    happened_on: date
    standard: str | None = None
    certificate_number: str | None = None
    withdraws: UUID | None = None


class DueView(Output):
    what: str
    on: date
    overdue: bool


class CycleView(Output):
    state: str
    certified_from: date | None = None
    valid_until: date | None = None
    due: DueView | None = None


class OrganisationView(Output, kw_only=True):
    id: UUID
    code: str
    name: str
    kind: Kind
    reporting_unit: str
    state: State
    declared_at: datetime
    decided_at: datetime | None = None
    decided_because: str | None = None
    demonstration: bool
    position: Position | None = None
    """The caller's, in this organisation."""


class OrganisationProfile(OrganisationView, kw_only=True):
    certification: CycleView
    facts: list[FactView]


class OrganisationPage(Output):
    items: list[OrganisationView]
    next_cursor: UUID | None = None


class ReportingUnitView(Output):
    code: str
    name: str
    en: str


class ReportingUnits(Output):
    items: list[ReportingUnitView]


def cycle_view(cycle: Cycle) -> CycleView:
    return msgspec.convert(cycle, CycleView, from_attributes=True)


def view(profile: Profile, position: Position | None = None) -> OrganisationView:
    return OrganisationView(
        id=profile.id,
        code=profile.code,
        name=profile.name,
        kind=profile.kind,
        reporting_unit=profile.reporting_unit,
        state=profile.state,
        declared_at=profile.declared_at,
        decided_at=profile.decided_at,
        decided_because=profile.decided_because,
        demonstration=profile.demonstration,
        position=position,
    )
