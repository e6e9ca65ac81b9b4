"""Structs of decisions about records."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.records.schemas import Out


class CorrectionRequest(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
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


class ProposalView(Out, frozen=True):
    id: UUID
    record_id: UUID
    number: str
    reason: str
    proposed_at: datetime
    own: bool
    """Proposed by the caller, who therefore cannot be the second person."""


class WaitingRevocations(Out, frozen=True):
    items: list[ProposalView]
    next_cursor: UUID | None
