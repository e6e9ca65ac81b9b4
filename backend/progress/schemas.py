"""Learning over HTTP. Durations in whole seconds, ranges half-open."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from backend.progress.domain import LessonState, Reason, Verdict
from backend.progress.rules.domain import Part

MAX_EVENTS = 100
_A_DAY = 86_400

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
Second = Annotated[int, msgspec.Meta(ge=0, le=_A_DAY)]
QuestionId = Annotated[str, msgspec.Meta(max_length=64)]
Picks = Annotated[list[Annotated[str, msgspec.Meta(max_length=64)]], msgspec.Meta(max_length=20)]


class Words(msgspec.Struct, frozen=True):
    zh: str
    en: str


class EnrolmentRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    programme: Code
    newest_edition: bool = False
    """Go on to the edition in use though an older one may still be finished."""


class Hours(msgspec.Struct, rename="camel"):
    earned_seconds: int
    required_seconds: int
    waiting_seconds: int = 0
    """Earned beyond a day's 8 class hours; they count from a later day on."""


class MissingPartView(msgspec.Struct, rename="camel"):
    """What a rule still asks for: seconds of watching, reading, electives, classes and class hours;
    else a number of presence checks, questions, lessons, exams. `module`: where, if it matters."""

    part: Part
    amount: int
    module: str | None = None


class LessonProgress(msgspec.Struct, rename="camel"):
    code: str
    title: Words
    state: LessonState
    watched_seconds: int
    duration_seconds: int | None
    """None while the lesson has no lecture yet."""
    missing: list[MissingPartView] = []
    """Empty exactly when the lesson's rule is met; `whyNot` says the same in words."""
    why_not: Words | None = None
    locked: "LessonLock | None" = None


class LessonLock(msgspec.Struct, rename="camel"):
    """The lesson cannot be opened before this module is finished."""

    module: str
    words: Words


class ElectiveChoice(msgspec.Struct, rename="camel"):
    """Modules to choose from; hours of any of them count."""

    modules: list[str]
    asked_seconds: int
    earned_seconds: int
    missing_seconds: int
    lessons: list[LessonProgress]
    """Those that can be opened now, and those that were begun."""


class ExamGate(msgspec.Struct, rename="camel"):
    open: bool
    why_not: Words | None = None
    missing: list[MissingPartView] = []
    """Empty exactly when it is open."""


class LessonFate(msgspec.Struct, rename="camel", frozen=True):
    """What going on to another edition does to the hours of a completed lesson."""

    code: str
    """As this enrolment's edition has it."""
    fate: Literal["kept", "again", "lost"]
    changed: list[Words]
    """With `again`: what of the lesson is another."""


class EditionNote(msgspec.Struct, rename="camel", frozen=True):
    """What another edition of the programme means for this enrolment."""

    kind: Literal["may-stay", "came-along", "left"]
    edition: str
    """The newer one; with `came-along`, the one that was left."""
    until: date | None
    """Last day, Asia/Shanghai, to finish here."""
    note: Words
    lessons: list[LessonFate] = []
    """What came along and what is to be learned again; with `may-stay`, what would be."""


class Anew(StrEnum):
    YEAR = "year"
    REVOKED = "revoked"


class EnrolmentScreen(msgspec.Struct, rename="camel"):
    """All that one screen of an enrolment shows."""

    id: UUID
    programme: str
    title: Words
    edition: str
    demonstration: bool
    enrolled_at: datetime
    hours: Hours
    lessons: list[LessonProgress]
    """The compulsory ones, in order."""
    exam: ExamGate
    edition_note: EditionNote | None = None
    electives: list[ElectiveChoice] = []
    period: str | None = None
    """The calendar year it is for, of a yearly programme: its hours count in that year alone."""
    round: int = 1
    """One more after each revocation: earned anew, from nothing. A record names the same round."""
    anew: Anew | None = None
    """Why enrolling again begins a new round: the year is over, or the record was revoked."""


class EnrolmentList(msgspec.Struct):
    items: list[EnrolmentScreen]


class PlaySessionRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    enrolment_id: UUID
    lesson: Code
    device_id: UUID | None = None
    """The client's own, made once for an installation or a browser."""


class PlaySessionOpened(msgspec.Struct, rename="camel"):
    id: UUID
    lesson_code: str
    lecture_id: UUID
    duration_seconds: int
    playlist_url: str
    poster_url: str
    storyboard_url: str
    heartbeat_seconds: int
    min_rate: float
    max_rate: float
    """The fastest speed to offer: the programme's rate, and 2 once the lecture was watched."""
    watched: list[tuple[int, int]]
    furthest_second: int
    resume_second: int
    reading_seconds: int = 0
    """That the lesson's text must still be open; tell by `POST /v1/lessons/{code}/reading`."""


class HeartbeatEvent(msgspec.Struct, rename="camel", frozen=True, forbid_unknown_fields=True):
    """`id` is the client's own; the answer repeats it. [fromSecond, toSecond) was played."""

    id: UUID
    play_session_id: UUID
    from_second: Second
    to_second: Second


class Heartbeats(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    events: Annotated[list[HeartbeatEvent], msgspec.Meta(max_length=MAX_EVENTS)]


class EventVerdict(msgspec.Struct, rename="camel", omit_defaults=True):
    """In the order of the events sent. `id` is null when the event's own could not be read."""

    id: UUID | None
    verdict: Verdict
    credited_seconds: int
    reason: Reason | None = None


class LessonWatched(msgspec.Struct, rename="camel"):
    code: str
    watched_seconds: int
    """All that was granted; `pendingSeconds` of them wait for a presence check."""
    pending_seconds: int
    duration_seconds: int
    complete: bool


class HeartbeatAnswer(msgspec.Struct, rename="camel"):
    verdicts: list[EventVerdict]
    lessons: list[LessonWatched] = []
    presence_check: UUID | None = None
    """The check that is open now: nothing more is granted before it is answered."""


class CheckRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    enrolment_id: UUID
    answers: Annotated[dict[QuestionId, Picks], msgspec.Meta(max_length=50)]


class ReadingRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    enrolment_id: UUID
    leaving: bool = False
    """The text is before me no longer: what follows does not count, however soon I am back."""


class ReadingAnswer(msgspec.Struct, rename="camel"):
    read_seconds: int
    needed_seconds: int
    """0 where the lesson's rule asks for none."""
    again_in_seconds: int
    """When to say so again. After a silence of more than 40 s the time between does not count."""


class QuestionResult(msgspec.Struct, rename="camel"):
    correct: bool
    explanation: str


class CheckAnswer(msgspec.Struct, rename="camel"):
    passed: bool
    results: dict[str, QuestionResult]
    lesson: LessonProgress


class PresenceState(StrEnum):
    OPEN = "open"
    PASSED = "passed"
    MISSED = "missed"


class PresenceOption(msgspec.Struct):
    id: str
    text: str


class PresenceQuestion(msgspec.Struct):
    stem: Words
    options: list[PresenceOption]


class Lost(msgspec.Struct, rename="camel"):
    """Seconds of a lesson that a missed check took back; watch again from `fromSecond`."""

    lesson: str
    from_second: int
    seconds: int


class PresenceCheckView(msgspec.Struct, rename="camel"):
    """`question` while it is open; `lost` when it was missed."""

    id: UUID
    lesson: str
    state: PresenceState
    question: PresenceQuestion | None = None
    seconds_left: int = 0
    """By the server's clock: a client's own may be wrong by years."""
    tries_left: int = 0
    lost: list[Lost] = []


class PresenceAnswer(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    option: Annotated[str, msgspec.Meta(min_length=1, max_length=1)]
