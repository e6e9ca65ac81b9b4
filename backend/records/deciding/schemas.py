"""Structs of decisions about records."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.records.domain import Title
from backend.records.schemas import Out, Reason

_TEXT = r"^[^\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]*$"  # any text of several lines
Evidence = Annotated[str, msgspec.Meta(max_length=2000, pattern=_TEXT)]


class _In(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Base of what is sent."""


class Reasoned(_In, frozen=True):
    reason: Reason
    """Shown to everyone who checks the record."""


class RevocationRequest(_In, frozen=True):
    reason: Reason
    """Shown to everyone who checks the record, once it is revoked."""
    evidence: Evidence | None = None
    """Where the second person looks. Sealed; shown to deciders alone, never to the public."""


class SuspensionRequest(_In, frozen=True):
    reason: Reason
    """Shown to everyone who checks the record."""
    review_by: date | None = None
    """Day in China by which it is looked at again, within a year. Public, too; it ends nothing."""


class Declined(_In, frozen=True):
    reason: Reason
    """Why not: told to who proposed it, and kept with the proposal."""


class CorrectionRequest(_In, frozen=True):
    reason: Annotated[str, msgspec.Meta(max_length=400)]
    """Shown to everyone who checks the old record."""


class Correction(Out, frozen=True):
    record_id: UUID
    """Of the record whose place will be taken."""
    revision: int
    """Of the new one."""


class Decision(Out, frozen=True):
    record_id: UUID
    state: str
    since: datetime


class RefusalView(Out, frozen=True):
    """Why the caller may not."""

    code: str
    """As the refusal of the act itself."""
    words: Title


class ProposalView(Out, frozen=True):
    id: UUID
    record_id: UUID
    number: str
    title: Title
    state: str
    """Of the record: issued | suspended | superseded."""
    demonstration: bool
    reason: str
    evidence: str | None
    proposer: str | None
    """Name; none of somebody who was erased."""
    proposed_at: datetime
    own: bool
    """Proposed by the caller, who therefore cannot be the second person."""
    refused: RefusalView | None
    """Why the caller cannot approve it; none: he can."""


class WaitingRevocations(Out, frozen=True):
    items: list[ProposalView]
    next_cursor: UUID | None
    for_you: int
    """Of all that wait, on how many the caller can be the second person; stops at 100."""


class DecisionView(Out, frozen=True):
    id: UUID
    record_id: UUID
    number: str
    title: Title
    kind: str
    """suspended | reinstated | revoked | superseded, or declined: a revocation that was not."""
    at: datetime
    reason: str | None
    """Of one that was declined: of the proposal."""
    declined_because: str | None
    review_by: date | None
    """Of a suspension."""
    by: list[str]
    """Names: who decided alone, or who proposed and who was the second."""


class Decisions(Out, frozen=True):
    items: list[DecisionView]
    next_cursor: UUID | None


class ChoiceView(Out, frozen=True):
    act: str
    """suspend | reinstate | revoke (propose to) | correct"""
    refused: RefusalView | None
    """Why the caller may not now; none: he may."""


class RecordCase(Out, frozen=True):
    """A record for those who decide about it."""

    record_id: UUID
    number: str
    code: str
    title: Title
    programme: str
    edition: str
    holder: str
    """Masked."""
    issued_at: datetime
    valid_until: datetime | None
    demonstration: bool
    state: str
    """issued | suspended | revoked | superseded"""
    superseded_by: str | None
    story: list[DecisionView]
    """Oldest first, without the issue."""
    proposal: ProposalView | None
    """The revocation that waits for a second person."""
    choices: list[ChoiceView]
    """What is open in this state; none in a final one."""
    url: str
    """The public page."""
