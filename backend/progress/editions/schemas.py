"""What a new edition would do, as numbers."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from courses.comparison import Change
from courses.format import Bilingual


class ProgrammePreview(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    programme: str
    people: int
    """Enrolled under an edition before, and not gone on from it."""
    finished: int
    """All hours met, or the programme is gone: they stay under their edition."""
    keep_everything: int
    learn_again: int
    """Have completed lessons that have changed or are no more."""
    not_begun: int
    gone: bool
    """The new edition does not have the programme."""
    open: bool
    """False: nobody is moved until its lessons are written and can be played."""
    why_not_open: Bilingual | None = None


class PendingProposal(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """That waits for a decision; there is one at most."""

    id: UUID
    edition: str
    instead_of: str
    finish_until: date
    editorial: tuple[str, ...]
    proposed_at: datetime
    this: bool
    """Of the very content that was counted."""


class EditionPreview(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    edition: str
    instead_of: str
    sha256: str
    lessons: dict[Change, int]
    programmes: list[ProgrammePreview]
    """Those that people are in."""
    proposal: PendingProposal | None
