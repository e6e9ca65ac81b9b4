"""Rules of earning class hours. No I/O: time and rows are passed in.

What a heartbeat earns is in `crediting`; docs/heartbeat-cycle.md draws the whole way.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from uuid import UUID

import msgspec

from backend.progress.bitmap import Bitmap

HEARTBEAT_SECONDS = 20
"""How often a player reports; a longer silence loses nothing."""
SLOWEST_RATE, FASTEST_RATE = 0.5, 2.0
"""What a player may offer once the lecture was watched; before, at most the programme's rate."""
LEASE = timedelta(hours=24)
"""How long a play session takes heartbeats: what a bad line holds back longer is for downloads."""
CHECK_AFTER_SECONDS = (8 * 60, 12 * 60)
"""Between presence checks, in seconds granted, both ends included; the server draws in secret."""
ANSWER_SECONDS = 60
"""To answer a presence check, from its delivery."""
ANSWER_GRACE_SECONDS = 5
"""What the way there and back may take of a learner's minute; never shown, never counted on."""
ANSWER_TRIES = 2
SEEK_SLACK_SECONDS = 4
"""A player jumps to keyframes, which lie up to this far apart, so a report may start that far past
the furthest second. It grants nothing by itself: skipped seconds stay unwatched."""
DAILY_CAP_SECONDS = 8 * 45 * 60
"""8 class hours of 45 minutes a day; applies to seconds watched and to hours awarded alike."""
SHARING = 3
"""Learners on one device within a week: a household shares one, too."""
QUICK_MS, QUICK_CHECKS = 2_500, 3
"""Four sentences take longer to read."""
SHANGHAI = timezone(timedelta(hours=8))
"""China has had no summer time since 1991."""


class Verdict(StrEnum):
    CREDITED = "credited"
    DUPLICATE = "duplicate"
    CAPPED = "capped"
    STALE = "stale"
    CHALLENGE_DUE = "challenge-due"
    REFUSED = "refused"


class Reason(StrEnum):
    """Why less was credited than claimed; the player shows it, or waits and sends again."""

    FASTER_THAN_TIME = "faster-than-time"
    DAILY_CAP = "daily-cap"
    SESSION_EXPIRED = "session-expired"
    EDITION_LEFT = "edition-left"
    NOT_PLAYING = "not-playing"
    SESSION_TAKEN_OVER = "session-taken-over"
    NOT_FOUND = "not-found"
    SEEK_AHEAD = "seek-ahead"
    BEYOND_THE_END = "beyond-the-end"
    EMPTY_RANGE = "empty-range"
    MALFORMED = "malformed"
    NOT_STORED = "not-stored"
    CHECK_MISSED = "check-missed"
    AFTER_ITS_CHECK = "after-its-check"
    LONGER_THAN_ITS_CHECK = "longer-than-its-check"
    LEASE_ENDED = "lease-ended"


def resume_second(watched: Bitmap, duration_seconds: int) -> int:
    """Where to go on: the first second not watched, or the start when all are."""
    first = watched.missing(0, duration_seconds).spans()[:1]
    return first[0][0] if first else 0


def shanghai_day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()


class Round(msgspec.Struct, frozen=True):
    """Which completion of a programme an enrolment works towards. What was learned in one round
    counts in no other; each brings one record."""

    period: str | None
    """The calendar year, of a yearly programme."""
    number: int
    """1, and one more after each record of it that was revoked."""

    @property
    def last_day(self) -> date:
        """Hours that count later are not of this round."""
        return date(int(self.period), 12, 31) if self.period else date.max

    def is_over(self, now: datetime) -> bool:
        return shanghai_day(now) > self.last_day

    def classes_from(self, begun: datetime) -> date:
        """From which day classes count, of the first enrolment in the programme; of a later round
        in that round. A year's from its first day. What a revoked record rested on has been seen:
        classes count again from the day after the programme was begun again."""
        first = shanghai_day(begun)
        if self.number > 1:
            return first + timedelta(days=1)
        return max(first, date(int(self.period), 1, 1)) if self.period else first


def this_round(now: datetime, *, yearly: bool, revoked: int = 0) -> Round:
    """That whoever enrols now begins. `revoked`: the last round whose record was."""
    return Round(f"{shanghai_day(now).year:04d}" if yearly else None, revoked + 1)


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds granted to a learner on one day of receipt; `pending` of them wait for a check."""

    date: date
    seconds: int = 0
    pending: int = 0

    @property
    def left(self) -> int:
        return max(0, DAILY_CAP_SECONDS - self.seconds)

    def at(self, now: datetime) -> "Day":
        """The day `now` falls on. A clock set back does not open a day a second time."""
        today = shanghai_day(now)
        return self if today <= self.date else Day(date=today)

    def plus(self, seconds: int) -> "Day":
        return Day(date=self.date, seconds=self.seconds + seconds, pending=self.pending + seconds)

    def settled(self, seconds: int | None = None) -> "Day":
        """What waited counts: all of it, or so many seconds."""
        left = 0 if seconds is None else max(0, self.pending - seconds)
        return Day(date=self.date, seconds=self.seconds, pending=left)

    def given_back(self) -> "Day":
        """What waited is gone, and may be earned again today: a check was missed."""
        return Day(date=self.date, seconds=self.seconds - self.pending)


def counting_day(today: date, seconds: int, awarded: Mapping[date, int]) -> date:
    """The first day from `today` on with room for `seconds` under the daily cap.

    `awarded`: seconds already counting on each of these days. Nothing a learner did is lost to the
    cap; what exceeds it counts on a later day.
    """
    day = today
    while awarded.get(day, 0) + seconds > DAILY_CAP_SECONDS and awarded.get(day, 0):
        day += timedelta(days=1)
    return day


class LessonState(StrEnum):
    OPEN = "open"
    WATCHED = "watched"
    COMPLETE = "complete"


def lesson_state(*, watched: bool, complete: bool) -> LessonState:
    if complete:
        return LessonState.COMPLETE
    return LessonState.WATCHED if watched else LessonState.OPEN


def all_right(key: Mapping[str, frozenset[str]], answers: Mapping[str, frozenset[str]]) -> bool:
    """Every check question answered with exactly its key. No question at all is not a pass."""
    return bool(key) and all(answers.get(question) == right for question, right in key.items())


class LessonFact(msgspec.Struct, frozen=True, kw_only=True):
    """One awarded lesson, as the ledger has it."""

    code: str
    ref: str
    """The code; of hours earned under another edition, that edition's code before it."""
    seconds: int
    watched_seconds: int
    lecture_id: UUID
    evidence_sha256: str
    completed_at: datetime


class ClassFact(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of a class, or a correction of them, as the ledger has it."""

    class_session_id: UUID
    module: str
    seconds: int
    counts_on: date
    evidence_sha256: str


class CountedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the ledger that counts, of a lesson or a class, award or correction."""

    id: UUID
    ref: str
    module: str
    source: str
    kind: str
    seconds: int
    evidence_sha256: str


class CheckedPresence(msgspec.Struct, frozen=True, kw_only=True):
    """Presence checks of a lesson that were answered or missed up to its completion."""

    lesson: str
    passed: int
    missed: int


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """What stands between a learner and the exam, to be shown as it is."""

    zh: str
    en: str


class SignalKind(StrEnum):
    """What cannot be told from honest learning, and is shown to oversight."""

    REGULARITY = "regular-heartbeats"
    NO_SEGMENTS = "no-segments-fetched"
    QUICK_ANSWERS = "quick-answers"
    SHARED_DEVICE = "shared-device"
    ANSWERS_AT_ONCE = "answers-at-once"
    NO_PAUSE = "no-pause-offline"
    FULL_DAYS = "full-days-offline"
    MANY_DEVICES = "many-devices"


class Signal(msgspec.Struct, frozen=True):
    learner_id: UUID
    kind: SignalKind
    strength: int
    """1 to 100."""
    explanation: str
    """Names nobody."""


class CompletionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Whether and how an enrolment's hours are met; `missing` is None exactly when they are."""

    programme: str
    edition: str
    edition_sha256: str
    demonstration: bool
    round: Round
    earned_seconds: int
    required_seconds: int
    hours_by_module: dict[str, int]
    lessons: tuple[LessonFact, ...]
    classes: tuple[ClassFact, ...]
    corrections: tuple[tuple[str, str], ...]
    """Lesson and evidence hash of what was taken back or given again."""
    counted: tuple[CountedRow, ...]
    """All of these as rows, by their ids."""
    missing: Missing | None

    @property
    def hours_met(self) -> bool:
        return self.missing is None


class Span(msgspec.Struct, frozen=True):
    """Days of one learner, both ends included, whose hours count for a cohort."""

    learner_id: UUID
    cohort: int
    """The caller's own number: a department, a class."""
    since: date
    until: date
