"""Many requests' heartbeats in one transaction, each event judged by the rule on its own."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
import structlog

from backend.progress.domain import Reason, Verdict
from backend.progress.heartbeats import repository as heartbeat_rows
from backend.progress.heartbeats.domain import credit
from backend.progress.heartbeats.repository import Desk, Session, Watch
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
            return [HeartbeatAnswer([_refused(e, Reason.NOT_STORED) for e in parts[0].events])]
    answers = [(await commit([part]))[0] for part in parts]
    return answers if len(batches) > 1 else [_joined(answers)]


def _parts(batches: list[Batch]) -> list[Batch]:
    """One request each, or one event each when there is only one request."""
    if len(batches) > 1:
        return batches
    return [msgspec.structs.replace(batches[0], events=[e]) for e in batches[0].events]


def _joined(answers: list[HeartbeatAnswer]) -> HeartbeatAnswer:
    lessons = {lesson.code: lesson for answer in answers for lesson in answer.lessons}
    asked = next((a.presence_check for a in answers if a.presence_check), None)
    return HeartbeatAnswer([v for a in answers for v in a.verdicts], list(lessons.values()), asked)


async def _commit(batches: list[Batch]) -> list[HeartbeatAnswer]:
    async with UnitOfWork(DB):
        desk = await heartbeat_rows.lay_out(
            (batch.learner_id, event.play_session_id) for batch in batches for event in batch.events
        )
        verdicts = [_judge(desk, batch) for batch in batches]
        if desk.changed:
            await heartbeat_rows.put_back(desk)
    return [_answer(desk, *pair) for pair in zip(batches, verdicts, strict=True)]


def _judge(desk: Desk, batch: Batch) -> list[EventVerdict]:
    """Earlier seconds first: events of one request may come in any order."""
    events = batch.events
    in_order = sorted(range(len(events)), key=lambda at: events[at].from_second)
    judged = {at: _judge_event(desk, batch, events[at]) for at in in_order}
    return [judged[at] for at in range(len(events))]


def _judge_event(desk: Desk, batch: Batch, event: HeartbeatEvent) -> EventVerdict:
    session, now = desk.sessions.get((batch.learner_id, event.play_session_id)), batch.received_at
    if session is None:
        return _refused(event, Reason.NOT_FOUND)
    row, span = desk.seats[session.learner_id], (event.from_second, event.to_second)
    decision = credit(session.state, session.watch.state, row.seat, span, now=now)
    granted = decision.credited_seconds
    if granted or decision.check_due:
        row.seat, session.watch.state = decision.seat, decision.watch
        _grant(desk, session, granted, now)
        if decision.check_due:
            desk.issue(session, now)
    return EventVerdict(event.id, decision.verdict, granted, decision.reason)


def _grant(desk: Desk, session: Session, seconds: int, now: datetime) -> None:
    credited = session.state.credited_seconds + seconds
    session.state = msgspec.structs.replace(session.state, credited_seconds=credited)
    session.beats.came(now)
    desk.changed[session.id] = session


def _answer(desk: Desk, batch: Batch, verdicts: list[EventVerdict]) -> HeartbeatAnswer:
    touched = {event.play_session_id for event in batch.events}
    watches = {
        s.watch.lesson_code: s.watch
        for key in touched
        if (s := desk.sessions.get((batch.learner_id, key)))
    }
    row = desk.seats.get(batch.learner_id)
    check = row.seat.open_check if row else None
    lessons = [_lesson(watch) for watch in watches.values()]
    return HeartbeatAnswer(verdicts, lessons, check.id if check else None)


def _lesson(watch: Watch) -> LessonWatched:
    state = watch.state
    return LessonWatched(
        code=watch.lesson_code,
        watched_seconds=state.seen.seconds,
        pending_seconds=state.pending.seconds,
        duration_seconds=state.duration_seconds,
        complete=state.complete,
    )


def _refused(event: HeartbeatEvent, reason: Reason) -> EventVerdict:
    return EventVerdict(event.id, Verdict.REFUSED, 0, reason)
