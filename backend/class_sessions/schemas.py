"""The area's JSON. Names of people leave it masked."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.class_sessions.codes import Purpose
from backend.class_sessions.domain import MOST_BREAKS, Mark, SeatState, SessionState, Span

_LINE = r"^[^\s\x00-\x1f\x7f\ud800-\udfff]+( [^\s\x00-\x1f\x7f\ud800-\udfff]+)*$"
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=_LINE)]
Reason = Annotated[str, msgspec.Meta(min_length=5, max_length=500, pattern=_LINE)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_-]+$")]
Capacity = Annotated[int, msgspec.Meta(ge=1, le=1000)]
ClassHours = Annotated[float, msgspec.Meta(ge=0.25, le=112)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Module = Annotated[str, msgspec.Meta(pattern=r"^M\d\d$")]
Seconds = Annotated[int, msgspec.Meta(ge=-86_400, le=86_400)]


class Input(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    pass


class Output(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    pass


class Break(Input, kw_only=True):
    begins_at: Moment
    ends_at: Moment


class NewClass(Input, kw_only=True):
    organisation_id: UUID
    """The organiser; the caller manages it."""
    title: Line
    module: Module | None = None
    place: Line
    capacity: Capacity
    class_hours: ClassHours
    """Planned, of 45 minutes; nobody is given more."""
    begins_at: Moment
    ends_at: Moment
    breaks: Annotated[list[Break], msgspec.Meta(max_length=MOST_BREAKS)] = []
    instructors: Annotated[list[UUID], msgspec.Meta(max_length=20)] = []
    """Members of the organiser; empty: the caller."""
    members_only: bool = False


class Cancellation(Input, kw_only=True):
    reason: Reason


class ClassView(Output, frozen=True, kw_only=True):
    id: UUID
    organiser: str
    title: str
    module: str | None
    place: str
    capacity: int
    enrolled: int
    waiting: int
    members_only: bool
    begins_at: datetime
    ends_at: datetime
    breaks: tuple[Span, ...]
    planned_seconds: int
    state: SessionState
    my_seat: SeatState | None
    teaching: bool
    """Whether the caller may show its codes and confirm its list."""


class ClassList(Output, frozen=True, kw_only=True):
    items: list[ClassView]
    next_cursor: str | None


class MySeat(Output, frozen=True, kw_only=True):
    session: UUID
    title: str
    place: str
    begins_at: datetime
    ends_at: datetime
    session_state: SessionState
    state: SeatState
    outcome: str | None
    seconds: int


class MySeats(Output, frozen=True, kw_only=True):
    items: list[MySeat]
    next_cursor: UUID | None


class CodeShown(Output, frozen=True, kw_only=True):
    purpose: Purpose
    url: str
    svg: str
    """The QR code, drawn; for an <img> as data:image/svg+xml."""
    refresh_in: int
    """Milliseconds until the next code is there."""
    checked_in: int
    """How many are in the room by their scans."""
    enrolled: int


class CheckIn(Input, kw_only=True):
    code: Code
    device: UUID
    """Made up once by the app or the browser and kept: one phone serves one seat."""


class CheckedIn(Output, frozen=True, kw_only=True):
    purpose: Purpose
    session: UUID
    title: str
    place: str
    at: datetime
    identity_verified: bool
    """Attendance needs no verified identity; a record does."""
    notice: dict[str, str] | None


class SeatView(Output, frozen=True, kw_only=True):
    id: UUID
    name: str
    state: SeatState
    marks: tuple[Mark, ...]
    first_in: datetime | None
    last_out: datetime | None
    outcome: str | None
    seconds: int
    """Entered so far; before the confirmation what would be entered, without the day's limit."""


class SeatList(Output, frozen=True, kw_only=True):
    items: list[SeatView]
    next_cursor: UUID | None


class HandScan(Input, kw_only=True):
    purpose: Purpose
    reason: Reason
    at: Moment | None = None
    """Left out: now."""


class Confirmation(Input, kw_only=True):
    absent: Annotated[list[UUID], msgspec.Meta(max_length=1000)] = []
    """Seats of those who were not there, whatever was scanned."""


class Confirmed(Output, frozen=True, kw_only=True):
    attended: int
    absent: int
    seconds: int


class Correction(Input, kw_only=True):
    day: date
    seconds: Seconds
    reason: Reason


class SeatHours(Output, frozen=True, kw_only=True):
    seat: UUID
    seconds: int
