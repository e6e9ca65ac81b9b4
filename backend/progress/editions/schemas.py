"""What a new edition would do, as numbers."""

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


class EditionPreview(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    edition: str
    instead_of: str
    sha256: str
    lessons: dict[Change, int]
    programmes: list[ProgrammePreview]
    """Those that people are in."""
