"""Many requests' heartbeats in one transaction, each event judged by the rule on its own."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
import structlog

from backend.progress import heartbeat_rows, hours
from backend.progress.domain import Decision, PlaySession, Reason, Verdict, covered, credit
from backend.progress.heartbeat_rows import Desk, Session, Watch
from backend.progress.schemas import (
    EventVerdict,
    HeartbeatAnswer,
    HeartbeatEvent,
    LessonWatched,
)
from infra.database import UnitOfWork
from infra.engine import DB

_log = structlog.get_logger(__name__)
_POISON = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, OverflowError)
"""What one bad row does to a whole statement. A lost connection is everybody's and not among it."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """One request: its events are judged at the time they were received, not committed."""

    learner_id: UUID
    received_at: datetime
    events: list[HeartbeatEvent]


async def commit(batches: list[Batch]) -> list[HeartbeatAnswer]:
    """Durable when it returns. An event that the database will not take fails alone."""
    try:
        return await _commit(batches)
    except _POISON as error:
        parts = _parts(batches)
        if len(parts) == 1:
            _log.error("heartbeat not stored", exc_info=error)
            return [HeartbeatAnswer([_refused(e, Reason.NOT_STORED) for e in parts[0].events], [])]
    answers = [(await commit([part]))[0] for part in parts]
    return answers if len(batches) > 1 else [_joined(answers)]


def _parts(batches: list[Batch]) -> list[Batch]:
    """One request each, or one event each when there is only one request."""
    if len(batches) > 1:
        return batches
    return [msgspec.structs.replace(batches[0], events=[e]) for e in batches[0].events]


def _joined(answers: list[HeartbeatAnswer]) -> HeartbeatAnswer:
    lessons = {lesson.code: lesson for answer in answers for lesson in answer.lessons}
    return HeartbeatAnswer([v for a in answers for v in a.verdicts], list(lessons.values()))


async def _commit(batches: list[Batch]) -> list[HeartbeatAnswer]:
    async with UnitOfWork(DB):
        desk = await heartbeat_rows.lay_out(
            (batch.learner_id, event.play_session_id) for batch in batches for event in batch.events
        )
        judged = [_judge(desk, batch) for batch in batches]
        changed = {s.id: s for verdicts in judged for v in verdicts if (s := v.gained)}
        if changed:
            await heartbeat_rows.put_back(desk, changed.values())
        await _complete((s.watch for s in desk.sessions.values()), batches)
    return [_answer(desk, *pair) for pair in zip(batches, judged, strict=True)]


class _Judged(msgspec.Struct):
    verdict: EventVerdict
    gained: Session | None = None


def _judge(desk: Desk, batch: Batch) -> list[_Judged]:
    """Earlier seconds first: events of one request may come in any order."""
    events = batch.events
    in_order = sorted(range(len(events)), key=lambda at: events[at].from_second)
    judged = {at: _judge_event(desk, batch, events[at]) for at in in_order}
    return [judged[at] for at in range(len(events))]


def _judge_event(desk: Desk, batch: Batch, event: HeartbeatEvent) -> _Judged:
    session = desk.sessions.get((batch.learner_id, event.play_session_id))
    if session is None:
        return _Judged(_refused(event, Reason.NOT_FOUND))
    decision = _decide(desk, session, event, batch.received_at)
    verdict = EventVerdict(event.id, decision.verdict, decision.credited_seconds, decision.reason)
    return _Judged(verdict, session if decision.credited_seconds else None)


def _decide(desk: Desk, session: Session, event: HeartbeatEvent, now: datetime) -> Decision:
    seat, watch = desk.seats[session.learner_id], session.watch
    seat.day = seat.day.at(now)
    decision = credit(
        PlaySession(
            started_at=session.started_at,
            duration_seconds=watch.duration_seconds,
            credited_seconds=session.credited_seconds,
            active=seat.active_play_session_id == session.id,
        ),
        watch.seconds,
        (event.from_second, event.to_second),
        now=now,
        day_left=seat.day.left,
    )
    watch.seconds = decision.watched
    session.credited_seconds += decision.credited_seconds
    seat.day = seat.day.plus(decision.credited_seconds)
    return decision


async def _complete(watches: Iterable[Watch], batches: list[Batch]) -> None:
    ripe = {
        watch.id: watch
        for watch in watches
        if watch.completed_at is None and covered(watch.seconds, watch.duration_seconds)
    }
    if ripe:
        now = max(batch.received_at for batch in batches)
        for watch_id in await hours.award(ripe, now=now):
            ripe[watch_id].completed_at = now


def _answer(desk: Desk, batch: Batch, judged: list[_Judged]) -> HeartbeatAnswer:
    touched = {event.play_session_id for event in batch.events}
    watches = {
        s.watch.lesson_code: s.watch
        for key in touched
        if (s := desk.sessions.get((batch.learner_id, key)))
    }
    return HeartbeatAnswer([j.verdict for j in judged], [_lesson(w) for w in watches.values()])


def _lesson(watch: Watch) -> LessonWatched:
    return LessonWatched(
        code=watch.lesson_code,
        watched_seconds=watch.seconds.seconds,
        duration_seconds=watch.duration_seconds,
        complete=watch.completed_at is not None,
    )


def _refused(event: HeartbeatEvent, reason: Reason) -> EventVerdict:
    return EventVerdict(event.id, Verdict.REFUSED, 0, reason)
