"""The home screen's JSON: all of it in one call. Seconds are whole, days China's."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.plans.domain import Step
from backend.progress.schemas import Anew


class Words(msgspec.Struct, frozen=True):
    zh: str
    en: str


class NextStep(msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True):
    """What to do now. `lesson` and the rest stand there for `resume` and `lesson`; `title` is the
    lesson's, or for `enrol` the programme's."""

    step: Step
    programme: str
    enrolment_id: UUID | None = None
    lesson: str | None = None
    title: Words | None = None
    resume_second: int | None = None
    duration_seconds: int | None = None


class HomeEnrolment(msgspec.Struct, rename="camel", kw_only=True):
    id: UUID
    programme: str
    title: Words
    edition: str
    period: str | None
    """The calendar year it is for, of a yearly programme."""
    anew: Anew | None
    """Why enrolling again begins a new round: the year is over, or the record was revoked."""
    percent: int
    earned_seconds: int
    required_seconds: int
    missing: Words | None
    """What is missing before the exam opens; null when nothing is."""
    finished: bool
    """Hours and exam are met: a record is due or there."""
    due_on: date | None
    """The earliest of what organisations ask and the day of one's own."""
    finish_by: date | None
    """The day of one's own."""
    overdue: bool


class HomeAssignment(msgspec.Struct, rename="camel", kw_only=True):
    """Asked of me, and not begun."""

    id: UUID
    programme: str
    title: Words
    organisation: str
    compulsory: bool
    due_on: date | None
    overdue: bool


class Watching(msgspec.Struct, rename="camel", kw_only=True):
    """A lesson that is open on some device now; opening one here takes over."""

    play_session_id: UUID
    lesson: str
    device_id: UUID | None
    """As the device said when it opened the lesson: compare it with your own."""
    started_at: datetime
    presence_check_id: UUID | None
    """Asked and not answered yet: nothing counts until it is."""


class YearHours(msgspec.Struct):
    year: int
    seconds: int


class Home(msgspec.Struct, rename="camel", kw_only=True):
    today: date
    next: NextStep | None
    enrolments: list[HomeEnrolment]
    """Unfinished first, by the day they are due."""
    assignments: list[HomeAssignment]
    hours: YearHours
    unread: int
    """Notices; stops at 100."""
    watching: Watching | None


class NewPlan(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    finish_by: date | None
    """Null: no day of one's own."""


class PlanView(msgspec.Struct, rename="camel"):
    enrolment_id: UUID
    finish_by: date | None
