"""The area's JSON. Names and numbers come in clear and go out masked, but for a reveal."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.accounts.schemas import Name
from backend.identity.documents import DocumentKind
from backend.identity.domain import (
    CaseReason,
    CaseState,
    Decision,
    Purpose,
    RejectedBecause,
    State,
)

Number = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Version = Annotated[str, msgspec.Meta(min_length=1, max_length=16, pattern=r"^[0-9.-]+$")]
Country = Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
Mrz = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Why = Annotated[str, msgspec.Meta(min_length=4, max_length=500, pattern=r"^[^\x00]*$")]


class Input(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    pass


class SeenDocument(Input):
    """As the document itself says; for a passport with `country`, or its zone."""

    name: Name
    kind: DocumentKind
    number: Number
    country: Country | None = None
    """Three letters of who issued a passport, such as CHN."""
    mrz: Mrz | None = None
    """Both lines of a passport's machine-readable zone; its check digits are compared."""
    expires_on: date | None = None


class NewDeclaration(SeenDocument):
    organisation_id: UUID | None = None
    """Whose manager is to look at the document: one you belong to. Left out: an administrator."""

    consent: Version | None = None
    """The version of the notice "identity-verification" that you agree to by this declaration
    (PIPL, art. 29). Needed unless you agreed to the one that counts now already."""


class Rejection(Input):
    reason: RejectedBecause


class RevealRequest(Input):
    purpose: Purpose
    reason: Why
    """For the log, sealed: what it is needed for. No name and no number."""


class CaseProposal(Input):
    decision: Decision
    reason: CaseReason


class CaseAnswer(Input):
    agree: bool


class IdentityRequest(Input):
    name: Name


class Output(msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True):
    pass


class IdentityResult(Output):
    verified: bool
    method: str
    notice: dict[str, str] | None = None
    """In `zh` and `en`: what this check is worth, when that is less than it seems."""


class MaskedDeclaration(Output):
    id: UUID
    person_id: UUID
    name: str
    """王*明"""
    kind: DocumentKind
    number: str
    """1101**********002X"""
    state: State
    declared_at: datetime
    organisation_id: UUID | None
    attested_at: datetime | None = None
    attested_by: UUID | None = None
    verified_at: datetime | None = None
    valid_until: datetime | None = None


class Declarations(Output):
    items: list[MaskedDeclaration]
    next_cursor: UUID | None


class IdentityEventShown(Output):
    at: datetime
    event: str
    method: str | None = None
    reason: str | None = None


class MyIdentity(Output):
    state: str
    """none | declared | attested | verified | rejected | expired | revoked | withdrawn"""
    method: str | None
    verified_at: datetime | None
    valid_until: datetime | None
    declaration: MaskedDeclaration | None
    """The newest."""
    history: list[IdentityEventShown]


class RevealShown(Output):
    id: UUID
    at: datetime
    purpose: Purpose
    by: str
    """The role of whoever saw it."""


class Reveals(Output):
    items: list[RevealShown]
    next_cursor: UUID | None


class ConfirmationShown(Output):
    state: State
    case_id: UUID | None = None
    """Another account has this identity: a case was opened for two administrators."""


class Revealed(Output):
    name: str
    kind: DocumentKind
    number: str
    country: str | None = None
    expires_on: date | None = None


class CaseShown(Output):
    id: UUID
    declaration_id: UUID
    claimant: UUID
    holder: UUID
    state: CaseState
    opened_at: datetime
    decision: Decision | None = None
    reason: str | None = None
    proposed_by: UUID | None = None
    proposed_at: datetime | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = None


class Cases(Output):
    items: list[CaseShown]
    next_cursor: UUID | None
