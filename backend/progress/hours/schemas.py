"""A learner's hours over HTTP. Durations in whole seconds; a class hour has 2700."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from backend.progress.domain import DAILY_CAP_SECONDS
from backend.progress.schemas import Words


class HoursEntry(msgspec.Struct, rename="camel"):
    id: UUID
    kind: Literal["awarded", "correction"]
    source: Literal["online", "offline", "class-session"]
    counts_on: date
    """The day in China."""
    counts: bool
    """False: it counts from a later day on, as this one has its 8 class hours."""
    seconds: int
    """Below zero only for a correction."""
    left_seconds: int | None
    """Of a lesson's award, what its corrections left; null for everything else."""
    module: str | None
    lesson: str | None
    programme: str | None
    """Null for a class: it counts in each programme that asks for its module."""
    edition: str | None
    class_session: UUID | None
    corrects: UUID | None
    entered_at: datetime
    evidence_sha256: str
    explanation: Words


class HoursOfModule(msgspec.Struct, rename="camel"):
    module: str | None
    counted_seconds: int
    waiting_seconds: int


class HoursTotals(msgspec.Struct, rename="camel"):
    counted_seconds: int
    waiting_seconds: int
    modules: list[HoursOfModule]


class HoursPage(msgspec.Struct, rename="camel"):
    """`totals` are of all entries, not of the page."""

    items: list[HoursEntry]
    totals: HoursTotals
    next_cursor: UUID | None = None


class LearnerQuery(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    login: Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
    """Phone or e-mail address: in the body, as no address of ours may carry it."""


class LearnerFound(msgspec.Struct, rename="camel"):
    id: UUID
    name: str
    """Masked."""


_DAY = DAILY_CAP_SECONDS


class HoursCorrection(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    seconds: Annotated[int, msgspec.Meta(ge=-_DAY, le=_DAY)]
    """Minus takes back; plus gives back what was taken."""
    reason: Annotated[
        str, msgspec.Meta(min_length=4, max_length=500, pattern=r"^[^\x00]*\S[^\x00]*$")
    ]
    """The learner reads it."""

    def __post_init__(self) -> None:
        if not self.seconds:
            raise ValueError("seconds must not be 0")


class Corrected(msgspec.Struct, rename="camel"):
    id: UUID
    corrects: UUID
    seconds: int
    left_seconds: int
    """What still counts of the entry."""


class YearWindow(msgspec.Struct, rename="camel"):
    """Seconds asked for between two days, both ends included."""

    name: str
    title: Words
    standard: str
    since: date
    until: date
    required_seconds: int
    carried_seconds: int
    """From the window before."""
    earned_seconds: int
    missing_seconds: int
    met: bool
    confirmed: bool
    """False while the figure waits for the course owner's word."""
    obliged: bool
    """Enrolled in one of the programmes that the rule is for."""
    explanation: Words


class YearList(msgspec.Struct):
    items: list[YearWindow]
