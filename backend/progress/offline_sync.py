"""What was done offline, handed in: a verdict an event, in one transaction under the seat's lock.

Safe to send again, in any order and after any crash: seconds are bits, a check's first answer
stands, and time that was spent is spent once.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.progress import hours, offline_rows, repository
from backend.progress.crediting import Seat
from backend.progress.domain import Reason, Verdict, covered
from backend.progress.offline_rows import Kit, Spent
from backend.progress.offline_rule import Claim, Outcome, answer, judge
from backend.progress.offline_time import WallClock
from backend.progress.repository import LockedSeat
from backend.progress.schemas import EventVerdict, LessonWatched
from backend.progress.sync_schemas import (
    AnsweredOffline,
    AnswerVerdict,
    DoneOffline,
    SyncVerdicts,
    WatchedOffline,
)
from infra.database import UnitOfWork
from infra.engine import DB


async def hand_in(learner_id: UUID, done: DoneOffline, *, now: datetime) -> SyncVerdicts:
    """Durable when it returns. EnrolmentNotFound of somebody who never learned here."""
    named = {w.lease_id for w in done.watched} | {a.lease_id for a in done.answered}
    async with UnitOfWork(DB):
        seat = await repository.lock_seat(learner_id)
        today = msgspec.structs.replace(seat.seat, day=seat.seat.day.at(now))
        kit = await offline_rows.unpack(learner_id, done.device_id, named)
        answers = [_judge_answer(kit, one) for one in done.answered]
        if done.settled:
            _close(kit, done)
        clock = await offline_rows.wall_clock(learner_id, kit, today, now=now)
        verdicts = _judge_all(kit, clock, done.watched, now)
        if kit.leases:
            await offline_rows.pack(learner_id, kit, settled=done.settled, now=now)
            await _charge(learner_id, kit, seat, today)
        ripe = _ripe(kit)
        complete = {one.seen.id for one in kit.leases.values() if one.seen.state.complete}
        if ripe:
            complete |= set(await hours.award(learner_id, ripe, now=now))
    return SyncVerdicts(verdicts, answers, _lessons(kit, complete))


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
) -> list[EventVerdict]:
    """Earlier seconds first: events may come in any order."""
    in_order = sorted(range(len(events)), key=lambda at: events[at].from_second)
    judged = {at: _judge_event(kit, clock, events[at], now) for at in in_order}
    return [judged[at] for at in range(len(events))]


def _judge_event(kit: Kit, clock: WallClock, event: WatchedOffline, now: datetime) -> EventVerdict:
    lease = kit.leases.get(event.lease_id)
    if lease is None:
        return EventVerdict(event.id, Verdict.REFUSED, 0, Reason.NOT_FOUND)
    claim = Claim(
        span=(event.from_second, event.to_second),
        boot_id=event.boot_id,
        from_ms=event.from_ms,
        to_ms=event.to_ms,
    )
    found = judge(lease, lease.stretches.get(event.check), claim, clock, now=now)
    counted = found.credited_seconds > 0
    kit.spent += [Spent(lease, time, counted) for time in found.taken]
    return EventVerdict(event.id, found.verdict, found.credited_seconds, found.reason)


async def _charge(learner_id: UUID, kit: Kit, seat: LockedSeat, today: Seat) -> None:
    """Today's share fills today's class hours; the open session cannot have the same time."""
    if seconds := offline_rows.seconds_of(kit.spent, today.day.date):
        day = msgspec.structs.replace(today.day, seconds=today.day.seconds + seconds)
        await offline_rows.put_day(learner_id, msgspec.structs.replace(today, day=day))
    if seat.active_play_session_id is not None:
        times = [one.time for one in kit.spent]
        await offline_rows.push_session(learner_id, seat.active_play_session_id, times)


def _ripe(kit: Kit) -> list[UUID]:
    """Lectures watched far enough; `hours.award` asks for the questions."""
    seen = [lease.seen for lease in kit.leases.values()]
    return list(
        {
            one.id
            for one in seen
            if not one.state.complete and covered(one.state.watched, one.state.duration_seconds)
        }
    )


def _lessons(kit: Kit, complete: set[UUID]) -> list[LessonWatched]:
    seen = {lease.seen.id: lease.seen for lease in kit.leases.values()}
    return [
        LessonWatched(
            code=one.lesson_code,
            watched_seconds=one.state.seen.seconds,
            pending_seconds=one.state.pending.seconds,
            duration_seconds=one.state.duration_seconds,
            complete=one.id in complete,
        )
        for one in seen.values()
    ]
