"""A batch of what was done offline, judged. No I/O: rows are passed in and changed."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.progress.domain import Reason, Verdict
from backend.progress.heartbeats.domain import Seat
from backend.progress.offline.domain import Claim, Lease, Outcome, answer, judge
from backend.progress.offline.schemas import (
    AnsweredOffline,
    AnswerVerdict,
    DoneOffline,
    SpanVerdict,
    WatchedOffline,
)
from backend.progress.offline.wall_clock import Taken, WallClock


class Spent(msgspec.Struct, frozen=True):
    """Time that an event has taken, for seconds that count or were lost."""

    lease: Lease | None
    """None of an earlier batch's."""
    time: Taken
    counted: bool


class Kit(msgspec.Struct):
    """What a device took along, as the batch goes on."""

    leases: dict[UUID, Lease]
    right: dict[tuple[UUID, int], str]
    """The right option of each check."""
    reactions: dict[tuple[UUID, int], int] = {}
    spent: list[Spent] = []

    def seconds_on(self, day: date) -> int:
        """Counted ones."""
        return sum(one.time.seconds for one in self.spent if one.counted and one.time.day == day)


class OnlineTime(msgspec.Struct, frozen=True):
    """A play session: some time between its start and its last heartbeat is used."""

    started_at: datetime
    ended_at: datetime
    credited_seconds: int
    rate_percent: int


def clock_of(
    times: Iterable[Spent],
    sessions: Iterable[OnlineTime],
    seat: Seat,
    *,
    since: datetime,
    now: datetime,
) -> WallClock:
    """`times` before `sessions`: what is kept as spent stays where it is. The seat knows exactly
    what counts for its day."""
    clock = WallClock(int(since.timestamp()), int(now.timestamp()) + 1)
    for one in times:
        clock.remove(one.time.start, one.time.end)
        clock.charge(one.time.day, one.time.seconds * one.counted)
    for session in sessions:
        start, end = int(session.started_at.timestamp()), int(session.ended_at.timestamp()) + 1
        clock.use(start, end, session.credited_seconds, session.rate_percent)
    clock.set_day(seat.day.date, seat.day.seconds)
    return clock


def judge_batch(
    kit: Kit, clock: WallClock, done: DoneOffline, *, now: datetime
) -> tuple[list[SpanVerdict], list[AnswerVerdict]]:
    """Answers first; then spans, earlier seconds first: events may come in any order."""
    answered = [_judge_answer(kit, one) for one in done.answered]
    if done.settled:
        _close(kit, done)
    return _judge_all(kit, clock, done.watched, now), answered


def _judge_answer(kit: Kit, given: AnsweredOffline) -> AnswerVerdict:
    lease = kit.leases.get(given.lease_id)
    stretch = lease.stretches.get(given.check) if lease else None
    if stretch is None:
        return AnswerVerdict(given.id, None)
    key = (given.lease_id, given.check)
    if stretch.outcome is None:
        kit.reactions[key] = given.answered_ms - given.shown_ms
    outcome = answer(
        stretch,
        right=kit.right[key] == given.option,
        boot_id=given.boot_id,
        shown_ms=given.shown_ms,
        answered_ms=given.answered_ms,
    )
    return AnswerVerdict(given.id, outcome)


def _close(kit: Kit, done: DoneOffline) -> None:
    """No answer will come any more to the checks of what is handed in here."""
    for event in done.watched:
        lease = kit.leases.get(event.lease_id)
        stretch = lease.stretches.get(event.check) if lease else None
        if stretch is not None and stretch.outcome is None:
            stretch.outcome = Outcome.MISSED


def _judge_all(
    kit: Kit, clock: WallClock, events: list[WatchedOffline], now: datetime
) -> list[SpanVerdict]:
    """Earlier seconds first: events may come in any order."""
    in_order = sorted(range(len(events)), key=lambda at: events[at].from_second)
    judged = {at: _judge_event(kit, clock, events[at], now) for at in in_order}
    return [judged[at] for at in range(len(events))]


def _judge_event(kit: Kit, clock: WallClock, event: WatchedOffline, now: datetime) -> SpanVerdict:
    lease = kit.leases.get(event.lease_id)
    if lease is None:
        return SpanVerdict(event.id, Verdict.REFUSED, 0, Reason.NOT_FOUND)
    claim = Claim(
        span=(event.from_second, event.to_second),
        boot_id=event.boot_id,
        from_ms=event.from_ms,
        to_ms=event.to_ms,
    )
    found = judge(lease, lease.stretches.get(event.check), claim, clock, now=now)
    counted = found.credited_seconds > 0
    kit.spent += [Spent(lease, time, counted) for time in found.taken]
    return SpanVerdict(event.id, found.verdict, found.credited_seconds, found.reason)
