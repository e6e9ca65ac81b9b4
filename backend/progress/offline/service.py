"""What was done offline, handed in: a verdict an event, in one transaction under the seat's lock.

Safe to send again, in any order and after any crash: seconds are bits, a check's first answer
stands, and time that was spent is spent once.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.progress import repository
from backend.progress.heartbeats.domain import Seat
from backend.progress.hours import service as hours
from backend.progress.offline import repository as offline_rows
from backend.progress.offline.batch import Kit, judge_batch
from backend.progress.offline.schemas import DoneOffline, SyncVerdicts
from backend.progress.repository import LockedSeat
from backend.progress.schemas import LessonWatched
from infra.database import KeyedWork
from infra.engine import DB


async def hand_in(learner_id: UUID, done: DoneOffline, *, now: datetime) -> SyncVerdicts:
    """Durable when it returns. EnrolmentNotFound of somebody who never learned here."""
    named = {w.lease_id for w in done.watched} | {a.lease_id for a in done.answered}
    async with KeyedWork(DB):
        seat = await repository.lock_seat(learner_id)
        today = msgspec.structs.replace(seat.seat, day=seat.seat.day.at(now))
        kit = await offline_rows.unpack(learner_id, done.device_id, named)
        clock = await offline_rows.wall_clock(learner_id, kit, today, now=now)
        watched, answered = judge_batch(kit, clock, done, now=now)
        if kit.leases:
            await offline_rows.pack(learner_id, kit, settled=done.settled, now=now)
            await _charge(learner_id, kit, seat, today)
        ripe = _ripe(kit)
        complete = {one.seen.id for one in kit.leases.values() if one.seen.state.complete}
        if ripe:
            complete |= set(await hours.award(learner_id, ripe, source="offline", now=now))
    return SyncVerdicts(watched, answered, _lessons(kit, complete))


async def _charge(learner_id: UUID, kit: Kit, seat: LockedSeat, today: Seat) -> None:
    """Today's share fills today's class hours; the open session cannot have the same time."""
    if seconds := kit.seconds_on(today.day.date):
        day = msgspec.structs.replace(today.day, seconds=today.day.seconds + seconds)
        await offline_rows.put_day(learner_id, msgspec.structs.replace(today, day=day))
    if seat.active_play_session_id is not None:
        times = [one.time for one in kit.spent]
        await offline_rows.push_session(learner_id, seat.active_play_session_id, times)


def _ripe(kit: Kit) -> list[UUID]:
    """Lectures watched far enough; `hours.award` asks for the questions."""
    seen = [lease.seen for lease in kit.leases.values()]
    return list({one.id for one in seen if not one.state.complete and one.state.counts})


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
