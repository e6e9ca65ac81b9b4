"""What watching offline earns. No I/O: time and rows are passed in.

The phone is believed less than online: it says which seconds it played and what somebody answered.
The server grants what its own clock has room for between lease and sync, on stretches whose
presence check was answered right; docs/offline-cycle.md draws the whole way.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil, floor
from uuid import UUID

import msgspec

from backend.progress.bitmap import Bitmap, Span
from backend.progress.domain import (
    ANSWER_GRACE_SECONDS,
    ANSWER_SECONDS,
    SEEK_SLACK_SECONDS,
    Reason,
    Verdict,
)
from backend.progress.heartbeats.domain import Watched
from backend.progress.offline.wall_clock import Taken, WallClock, Window

LATE = timedelta(days=30)
"""So long after its end a lease still takes what was watched before it."""
SPARE_CHECKS = 3
"""Questions besides those that a lecture needs: for what is watched a second time."""
_ANSWER_MS = (ANSWER_SECONDS + ANSWER_GRACE_SECONDS) * 1000
_START_SLACK_MS = 2000
"""A player reports whole seconds, so a report may look up to this much faster than it was."""


class Outcome(StrEnum):
    PASSED = "passed"
    MISSED = "missed"


class Stretch(msgspec.Struct, kw_only=True):
    """Seconds between two presence checks; the one at its end decides on all of them."""

    number: int
    length_seconds: int
    granted_seconds: int = 0
    outcome: Outcome | None = None
    boot_id: UUID | None = None
    answered_ms: int | None = None
    """By the device's monotonic clock, of that boot alone."""

    @property
    def left(self) -> int:
        return max(0, self.length_seconds - self.granted_seconds)


class Seen(msgspec.Struct):
    """A lecture as the batch goes on; leases of two devices share it."""

    id: UUID
    enrolment_id: UUID
    lesson_code: str
    state: Watched


class Lease(msgspec.Struct, kw_only=True):
    """`lost`: seconds played under it that a missed check took; they were no leap ahead."""

    id: UUID
    counted_from: datetime
    ends_at: datetime
    rate_percent: int
    lost: Bitmap
    seen: Seen
    stretches: dict[int, Stretch]

    def window(self, now: datetime) -> Window:
        """Whole seconds in which something may have been watched under it and not yet counted."""
        until = min(now, self.ends_at)
        return ceil(self.counted_from.timestamp()), floor(until.timestamp())

    @property
    def furthest(self) -> int:
        return max(self.seen.state.seen.end, self.lost.end)


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """[from, to) was played between two readings of a monotonic clock, in milliseconds."""

    span: Span
    boot_id: UUID
    from_ms: int
    to_ms: int

    def plausible(self, rate_percent: int) -> int:
        """As many seconds of a lecture as its own clock admits."""
        passed = max(0, self.to_ms - self.from_ms) + _START_SLACK_MS
        return passed * rate_percent // 100_000


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    verdict: Verdict
    reason: Reason | None = None
    credited_seconds: int = 0
    taken: tuple[Taken, ...] = ()
    """Time that is used up, be it for seconds that were lost."""


def answer(
    stretch: Stretch, *, right: bool, boot_id: UUID, shown_ms: int, answered_ms: int
) -> Outcome:
    """The first answer stands; sent again, it changes nothing."""
    if stretch.outcome is None:
        in_time = 0 <= answered_ms - shown_ms <= _ANSWER_MS
        stretch.outcome = Outcome.PASSED if right and in_time else Outcome.MISSED
        stretch.boot_id, stretch.answered_ms = boot_id, answered_ms
    return stretch.outcome


def judge(
    lease: Lease, stretch: Stretch | None, claim: Claim, clock: WallClock, *, now: datetime
) -> Judged:
    """Changes lease, stretch, lecture and clock by what is granted or lost."""
    seen, (start, end) = lease.seen.state, claim.span
    end = min(end, seen.duration_seconds)
    if refused := _refusal(lease, stretch, claim, start, end, now):
        return refused
    assert stretch is not None
    missing = seen.seen.missing(start, end)
    if not missing.bits:
        return Judged(verdict=Verdict.DUPLICATE)
    if stretch.outcome is None:
        return Judged(verdict=Verdict.CHALLENGE_DUE)
    if stretch.outcome is Outcome.MISSED:
        return _lose(lease, Bitmap(missing.bits & ~lease.lost.bits), claim, clock, now)
    return _grant(lease, stretch, missing, claim, clock, now)


def _grant(
    lease: Lease,
    stretch: Stretch,
    missing: Bitmap,
    claim: Claim,
    clock: WallClock,
    now: datetime,
) -> Judged:
    window, rate, left = lease.window(now), lease.rate_percent, stretch.left
    time = min(claim.plausible(rate), clock.room(window, rate))
    granted = missing.first(min(time, left))
    seconds = granted.seconds
    taken = clock.take(window, seconds, rate)
    stretch.granted_seconds += seconds
    seen = lease.seen.state
    lease.seen.state = msgspec.structs.replace(seen, watched=seen.watched | granted)
    verdict, reason = Verdict.CREDITED, None
    if granted != missing and time >= left:
        verdict, reason = Verdict.CHALLENGE_DUE, Reason.LONGER_THAN_ITS_CHECK
    elif granted != missing:
        verdict, reason = Verdict.CAPPED, _why(claim, clock, window, missing.seconds, rate)
    return Judged(verdict=verdict, reason=reason, credited_seconds=seconds, taken=tuple(taken))


def _why(claim: Claim, clock: WallClock, window: Window, wanted: int, rate: int) -> Reason:
    if claim.plausible(rate) < wanted or not clock.days_full(window):
        return Reason.FASTER_THAN_TIME
    return Reason.DAILY_CAP


def _lose(lease: Lease, gone: Bitmap, claim: Claim, clock: WallClock, now: datetime) -> Judged:
    """The time was spent, so it is used; the day gets its class hours back."""
    window, rate = lease.window(now), lease.rate_percent
    gone = gone.first(min(claim.plausible(rate), clock.room(window, rate)))
    taken = clock.take(window, gone.seconds, rate)
    for one in taken:
        clock.charge(one.day, -one.seconds)
    lease.lost = lease.lost | gone
    return Judged(verdict=Verdict.REFUSED, reason=Reason.CHECK_MISSED, taken=tuple(taken))


def _refusal(
    lease: Lease, stretch: Stretch | None, claim: Claim, start: int, end: int, now: datetime
) -> Judged | None:
    if lease.seen.state.left:
        return Judged(verdict=Verdict.STALE, reason=Reason.EDITION_LEFT)
    if now > lease.ends_at + LATE:
        return Judged(verdict=Verdict.STALE, reason=Reason.LEASE_ENDED)
    reason = _refusal_of_range(lease, start, end)
    if stretch is None:
        reason = Reason.NOT_FOUND
    elif stretch.boot_id == claim.boot_id and claim.to_ms > (stretch.answered_ms or claim.to_ms):
        reason = Reason.AFTER_ITS_CHECK
    return Judged(verdict=Verdict.REFUSED, reason=reason) if reason else None


def _refusal_of_range(lease: Lease, start: int, end: int) -> Reason | None:
    seen = lease.seen.state
    if start >= seen.duration_seconds:
        return Reason.BEYOND_THE_END
    if start >= end:
        return Reason.EMPTY_RANGE
    if not seen.covered and start > lease.furthest + SEEK_SLACK_SECONDS:
        return Reason.SEEK_AHEAD
    return None
