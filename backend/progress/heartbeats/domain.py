"""What a heartbeat earns, and what becomes of it. No I/O: time and rows are passed in.

The phone is not believed. It says which seconds of a lecture it played; the server grants at most
as many as its own clock allows since it opened the play session, each second once, none beyond what
was reached before. Granted seconds are *pending* until a presence check is passed; a missed one
drops them. Nothing is granted while a check is open.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend.progress.bitmap import Bitmap, Span
from backend.progress.domain import LEASE, SEEK_SLACK_SECONDS, Day, Reason, Verdict
from backend.progress.rules.domain import enough
from courses.rules import LessonRule

_MICROSECOND = timedelta(microseconds=1)
_PER_CENT_SECOND = 100 * 1_000_000  # microseconds at one per cent that make a second


class OpenCheck(msgspec.Struct, frozen=True):
    id: UUID
    issued_at: datetime


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """A learner's own count, over all lessons and sessions: opening others evades nothing."""

    day: Day
    check_in_seconds: int
    """Seconds that may still be granted before the next presence check."""
    open_check: OpenCheck | None = None

    def challenged(self, check: OpenCheck) -> "Seat":
        return msgspec.structs.replace(self, open_check=check)

    def passed(self, next_in_seconds: int) -> "Seat":
        return Seat(day=self.day.settled(), check_in_seconds=next_in_seconds)

    def missed(self, next_in_seconds: int) -> "Seat":
        return Seat(day=self.day.given_back(), check_in_seconds=next_in_seconds)


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """How far a learner is in a lecture. `watched` counts, `pending` waits; they share nothing."""

    duration_seconds: int
    watched: Bitmap = Bitmap()
    pending: Bitmap = Bitmap()
    rule: LessonRule = LessonRule()
    """As it was when the lesson was first opened."""
    questions_passed: bool = False
    """Whether the lesson's own check questions are, at any time."""
    complete: bool = False
    left: bool = False
    """Of an edition that the learner has left for a newer one."""

    @property
    def seen(self) -> Bitmap:
        return self.watched | self.pending

    @property
    def covered(self) -> bool:
        """Enough was seen, be it pending."""
        return enough(self.seen.seconds, self.duration_seconds, self.rule.watched_percent)

    @property
    def counts(self) -> bool:
        """Enough was seen by somebody who was there."""
        return enough(self.watched.seconds, self.duration_seconds, self.rule.watched_percent)

    @property
    def waits_for_a_check(self) -> bool:
        """All is done but for somebody's being there."""
        answered = self.questions_passed or not self.rule.check_questions
        return answered and not self.complete and self.covered

    def joined(self) -> "Watched":
        return msgspec.structs.replace(self, watched=self.seen, pending=Bitmap())

    def dropped(self) -> "Watched":
        return msgspec.structs.replace(self, pending=Bitmap())


class PlaySession(msgspec.Struct, frozen=True, kw_only=True):
    """One opening of a lesson on one device; `active` until a newer one takes over."""

    started_at: datetime
    clock_from: datetime
    """Where its clock begins: later than its start by the time that checks stood open."""
    rate_percent: int = 100
    credited_seconds: int = 0
    active: bool = True
    playing: bool = True
    """Whether its playlist was ever fetched."""

    def budget(self, now: datetime) -> int:
        """Seconds it may still be granted: its rate times the time passed, less those granted."""
        passed = (now - self.clock_from) // _MICROSECOND * self.rate_percent // _PER_CENT_SECOND
        return max(0, passed - self.credited_seconds)

    def resumed(self, issued_at: datetime, now: datetime) -> "PlaySession":
        """After a check that was open from `issued_at` to `now`: waiting builds no budget."""
        return msgspec.structs.replace(self, clock_from=resumed(self.clock_from, issued_at, now))


def resumed(clock_from: datetime, issued_at: datetime, now: datetime) -> datetime:
    return clock_from + max(timedelta(0), now - max(issued_at, clock_from))


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    verdict: Verdict
    watch: Watched
    seat: Seat
    credited_seconds: int = 0
    reason: Reason | None = None
    check_due: bool = False
    """A presence check is to be issued now; it is not in `seat` yet."""


def credit(
    session: PlaySession, watch: Watched, seat: Seat, span: Span, *, now: datetime
) -> Decision:
    """What a report of [from, to) earns at `now`, by the server's clock.

    A clock that goes backwards only shrinks the budget, to nothing at worst.
    """
    seat = msgspec.structs.replace(seat, day=seat.day.at(now))
    start, end = span[0], min(span[1], watch.duration_seconds)
    if refused := _refusal(session, watch, start, end, now):
        return Decision(verdict=refused[0], reason=refused[1], watch=watch, seat=seat)
    missing = watch.seen.missing(start, end)
    if not missing.bits:
        return Decision(verdict=Verdict.DUPLICATE, watch=watch, seat=seat)
    if seat.open_check is not None:
        return Decision(verdict=Verdict.CHALLENGE_DUE, watch=watch, seat=seat)
    return _grant(session.budget(now), watch, seat, missing)


def _grant(budget: int, watch: Watched, seat: Seat, missing: Bitmap) -> Decision:
    granted = missing.first(min(budget, seat.day.left, seat.check_in_seconds))
    seconds = granted.seconds
    after = msgspec.structs.replace(watch, pending=watch.pending | granted)
    due = seat.check_in_seconds <= seconds or (seconds > 0 and after.waits_for_a_check)
    verdict, reason = Verdict.CREDITED, None
    if granted != missing and due:
        verdict = Verdict.CHALLENGE_DUE
    elif granted != missing:
        verdict = Verdict.CAPPED
        reason = Reason.DAILY_CAP if seat.day.left < budget else Reason.FASTER_THAN_TIME
    return Decision(
        verdict=verdict,
        reason=reason,
        credited_seconds=seconds,
        watch=after,
        seat=msgspec.structs.replace(
            seat, day=seat.day.plus(seconds), check_in_seconds=seat.check_in_seconds - seconds
        ),
        check_due=due,
    )


def _refusal(
    session: PlaySession, watch: Watched, start: int, end: int, now: datetime
) -> tuple[Verdict, Reason] | None:
    if now - session.started_at > LEASE:
        return Verdict.STALE, Reason.SESSION_EXPIRED
    if watch.left:
        return Verdict.STALE, Reason.EDITION_LEFT
    reason = _refusal_of_range(watch, start, end)
    if not session.active:
        reason = Reason.SESSION_TAKEN_OVER
    elif not session.playing:
        reason = Reason.NOT_PLAYING
    return (Verdict.REFUSED, reason) if reason else None


def _refusal_of_range(watch: Watched, start: int, end: int) -> Reason | None:
    if start >= watch.duration_seconds:
        return Reason.BEYOND_THE_END
    if start >= end:
        return Reason.EMPTY_RANGE
    if not watch.covered and start > watch.seen.end + SEEK_SLACK_SECONDS:
        return Reason.SEEK_AHEAD
    return None
