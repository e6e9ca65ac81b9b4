"""The area's JSON. What a complaint says leaves it only towards those who oversee it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.accounts.schemas import Input, Output
from backend.organisations.schemas import WORDS, UnitCode
from backend.oversight.domain import (
    ComplaintState,
    Finding,
    Outcome,
    SignalSource,
    SignalVerdict,
    Step,
    SubjectKind,
)

_TEXT = r"^[^\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]+$"  # any text of several lines
_ABOUT = r"^[0-9A-Za-z][0-9A-Za-z:.\-]*$"
Reason = Annotated[str, msgspec.Meta(min_length=2, max_length=500, pattern=WORDS)]
Story = Annotated[str, msgspec.Meta(min_length=10, max_length=5000, pattern=_TEXT)]
Said = Annotated[str, msgspec.Meta(min_length=2, max_length=1000, pattern=_TEXT)]
Note = Annotated[str, msgspec.Meta(min_length=2, max_length=5000, pattern=_TEXT)]
About = Annotated[str, msgspec.Meta(min_length=4, max_length=64, pattern=_ABOUT)]
AboutKind = Annotated[str, msgspec.Meta(pattern=r"^(record|organisation|class-session|other)$")]


class NewComplaint(Input, kw_only=True):
    about_kind: AboutKind
    """`record` by its number, `organisation` by its 统一社会信用代码 (certification bodies too)."""
    about: About
    text: Story
    contact: Annotated[str, msgspec.Meta(min_length=3, max_length=200, pattern=_TEXT)] | None = None
    """Left out: nobody can answer but through the tracking code, which is enough."""


class ComplaintReceived(Output, kw_only=True):
    tracking_code: str
    """Shown once: whoever has it follows the complaint and adds files."""


class Attached(Output, kw_only=True):
    media_type: str
    size: int
    sha256: str


class ComplaintStep(Output, kw_only=True):
    step: Step
    at: datetime
    said: str | None = None
    note: str | None = None
    """Only to those who oversee the complaint."""


class ComplaintProgress(Output, kw_only=True):
    state: ComplaintState
    outcome: Outcome | None = None
    """When it is decided."""
    received_at: datetime
    steps: list[ComplaintStep]
    attachments: list[Attached]


class ComplaintLine(Output, kw_only=True):
    id: UUID
    about_kind: str
    about: str
    reporting_unit: str | None = None
    state: ComplaintState
    outcome: Outcome | None = None
    received_at: datetime
    decided_at: datetime | None = None


class ComplaintPage(Output, kw_only=True):
    items: list[ComplaintLine]
    next_cursor: UUID | None = None


class ComplaintView(Output, kw_only=True):
    id: UUID
    about_kind: str
    about: str
    reporting_unit: str | None = None
    state: ComplaintState
    outcome: Outcome | None = None
    text: str
    contact: str | None = None
    received_at: datetime
    steps: list[ComplaintStep]
    attachments: list[Attached]


class Investigation(Input, kw_only=True):
    note: Note
    said: Said | None = None
    """What the complainant may read."""


class Proposal(Input, kw_only=True):
    outcome: Outcome
    reason: Note


class Decision(Input, kw_only=True):
    approved: bool
    reason: Note
    said: Said | None = None


class NewSignal(Input, kw_only=True):
    subject_kind: SubjectKind
    subject: About
    strength: Annotated[int, msgspec.Meta(ge=1, le=100)]
    explanation: Annotated[str, msgspec.Meta(min_length=5, max_length=1000, pattern=_TEXT)]
    """Names no person."""
    reporting_unit: UnitCode | None = None


class SignalReviewView(Output, kw_only=True):
    verdict: SignalVerdict
    reason: str
    at: datetime


class SignalView(Output, kw_only=True):
    id: UUID
    source: SignalSource
    subject_kind: SubjectKind
    subject: str
    reporting_unit: str | None = None
    strength: int
    explanation: str
    noted_at: datetime
    reviews: list[SignalReviewView]


class SignalPage(Output, kw_only=True):
    items: list[SignalView]
    next_cursor: UUID | None = None


class SignalNoted(Output, kw_only=True):
    id: UUID


class Review(Input, kw_only=True):
    verdict: SignalVerdict
    reason: Reason


class NewAppointment(Input, kw_only=True):
    inspector: UUID
    reporting_unit: UnitCode
    since: date
    until: date | None = None


class AppointmentView(Output, kw_only=True):
    id: UUID
    inspector: UUID
    reporting_unit: str
    since: date
    until: date | None = None


class AppointmentPage(Output, kw_only=True):
    items: list[AppointmentView]
    next_cursor: UUID | None = None


class NewSpotCheck(Input, kw_only=True):
    reporting_unit: UnitCode | None = None
    """Left out: the whole country, for administrators."""
    issued_from: date
    issued_until: date
    size: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    purpose: Reason


class SpotCheckLine(Output, kw_only=True):
    id: UUID
    reporting_unit: str | None = None
    issued_from: date
    issued_until: date
    purpose: str
    population_size: int
    sample_size: int
    drawn_at: datetime


class SpotCheckPage(Output, kw_only=True):
    items: list[SpotCheckLine]
    next_cursor: UUID | None = None


class DrawnRecord(Output, kw_only=True):
    number: str
    finding: Finding | None = None
    found_at: datetime | None = None


class SpotCheckView(Output, kw_only=True):
    id: UUID
    reporting_unit: str | None = None
    issued_from: date
    issued_until: date
    purpose: str
    seed: str
    """Hexadecimal. The sample: the numbers whose SHA-256(seed || number) is smallest."""
    population_sha256: str
    population_size: int
    sample_size: int
    drawn_at: datetime
    records: list[DrawnRecord]


class NewFinding(Input, kw_only=True):
    finding: Finding
    note: Note | None = None
