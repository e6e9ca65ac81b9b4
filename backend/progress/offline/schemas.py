"""Taking along and handing in over HTTP. Durations in whole seconds, ranges half-open."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.lectures.domain import SignedManifest
from backend.notices.schemas import NoticeView
from backend.progress.domain import Reason
from backend.progress.offline.domain import Outcome
from backend.progress.schemas import Code, EventVerdict, LessonWatched, Second

MAX_WATCHED, MAX_ANSWERS = 200, 50
_LONGEST_MS = 1 << 52

Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=_LONGEST_MS)]
"""Of the device's monotonic clock, which begins anew with every boot."""
CheckNumber = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class LeaseRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    enrolment_id: UUID
    lesson: Code
    device_id: UUID
    """The client's own, made once for an installation or a browser."""


class LeaseView(msgspec.Struct, rename="camel"):
    id: UUID
    enrolment_id: UUID
    lesson: str
    lecture_id: UUID
    device_id: UUID
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class LeaseGiven(msgspec.Struct, rename="camel"):
    lease: LeaseView
    download: SignedManifest


class WatchedOffline(msgspec.Struct, rename="camel", frozen=True, forbid_unknown_fields=True):
    """`id` is the client's own; the answer repeats it. `check` is the number of the presence check
    that comes at the end of the stretch in which [fromSecond, toSecond) was played."""

    id: UUID
    lease_id: UUID
    check: CheckNumber
    from_second: Second
    to_second: Second
    boot_id: UUID
    from_ms: Milliseconds
    to_ms: Milliseconds


class AnsweredOffline(msgspec.Struct, rename="camel", frozen=True, forbid_unknown_fields=True):
    id: UUID
    lease_id: UUID
    check: CheckNumber
    option: Annotated[str, msgspec.Meta(min_length=1, max_length=1)]
    boot_id: UUID
    shown_ms: Milliseconds
    answered_ms: Milliseconds


class DoneOffline(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """What was done on one device, in any order. Send an event again until its verdict is final;
    one that cannot be read is refused as `malformed`, the others stand.

    `settled`: nothing else was watched on this device until now. Stretches whose check was not
    answered are lost then, and time up to now is closed. Beside a malformed event it says nothing:
    that one may be mended and sent again."""

    device_id: UUID
    watched: Annotated[list[WatchedOffline], msgspec.Meta(max_length=MAX_WATCHED)] = []
    answered: Annotated[list[AnsweredOffline], msgspec.Meta(max_length=MAX_ANSWERS)] = []
    settled: bool = False


class SpanVerdict(EventVerdict, rename="camel", omit_defaults=True):
    """`problem`: what could not be read of a malformed one."""

    problem: str | None = None


class AnswerVerdict(msgspec.Struct, rename="camel"):
    """`outcome` is null where the lease or the check is not the caller's on this device, and where
    the answer could not be read: `reason` is `malformed` then, and `problem` says what is wrong."""

    id: UUID | None
    outcome: Outcome | None
    reason: Reason | None = None
    problem: str | None = None


class SyncVerdicts(msgspec.Struct, rename="camel"):
    """In the order of the events sent; all of it is durable."""

    watched: list[SpanVerdict]
    answered: list[AnswerVerdict]
    lessons: list[LessonWatched]


class ChangedEnrolment(msgspec.Struct, rename="camel"):
    id: UUID
    programme: str
    edition: str
    demonstration: bool
    enrolled_at: datetime
    period: str | None
    """The calendar year it is for, of a yearly programme."""
    round: int


class ChangedEdition(msgspec.Struct, rename="camel"):
    """The learner has left one enrolment for another under a newer edition, for good: what was
    taken along for the one belongs to the other from then on. Lessons by their codes: whose hours
    came along (`kept`, as the new edition calls them), that are to be learned `again`, that are
    `gone`."""

    from_enrolment_id: UUID
    to_enrolment_id: UUID
    from_edition: str
    to_edition: str
    moved_at: datetime
    kept: list[str]
    again: list[str]
    gone: list[str]


class ChangedLesson(msgspec.Struct, rename="camel"):
    """Bitmaps in base64: second n is bit n % 8 of byte n // 8, lowest first."""

    enrolment_id: UUID
    lesson: str
    lecture_id: UUID
    duration_seconds: int
    watched: str
    pending: str
    questions_passed: bool
    completed_at: datetime | None


class ChangedHours(msgspec.Struct, rename="camel"):
    """Of a class: without enrolment and lesson. Below zero: a correction."""

    id: UUID
    enrolment_id: UUID | None
    lesson: str | None
    source: str
    seconds: int
    counts_on: date


class Changes(msgspec.Struct, rename="camel", omit_defaults=True):
    """Whole rows that are new or changed; the same one may come again, so put each in place of the
    one before. `whole`: all there is, to replace what the client has."""

    cursor: str
    whole: bool = False
    enrolments: list[ChangedEnrolment] = []
    lessons: list[ChangedLesson] = []
    hours: list[ChangedHours] = []
    leases: list[LeaseView] = []
    moves: list[ChangedEdition] = []
    notices: list[NoticeView] = []
