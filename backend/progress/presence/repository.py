"""Rows of presence checks, and what becomes of all pending seconds when one is answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.progress import tables
from backend.progress.heartbeats.domain import Seat, Watched, resumed
from backend.progress.heartbeats.repository import watched_of
from backend.progress.presence.questions import Question
from backend.progress.schemas import Lost
from infra.database import connection
from infra.errors import NotFound

_PENDING = """
SELECT id, lesson_code, duration_seconds, watched, pending, questions_passed_at, watched_percent,
       needs_questions, needs_reading_seconds, completed_at, left_at
FROM lesson_watch WHERE learner_id = $1 AND pending_seconds > 0
"""
_SETTLE = """
UPDATE lesson_watch w SET watched = n.watched, watched_seconds = n.seconds, pending = n.pending,
    pending_seconds = n.waiting
FROM unnest($2::uuid[], $3::bytea[], $4::int[], $5::bytea[], $6::int[])
    AS n(id, watched, seconds, pending, waiting)
WHERE w.learner_id = $1 AND w.id = n.id
"""
_SEAT = """
UPDATE learner_seat SET day = $2, day_seconds = $3, day_pending = $4, check_in_seconds = $5,
    open_check_id = NULL, check_issued_at = NULL
WHERE learner_id = $1
"""


class CheckNotFound(NotFound):
    """You have no such presence check; a heartbeat's answer names the one that is open."""

    zh = "您没有这一在线确认；请以心跳应答中给出的为准。"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    learner_id: UUID
    enrolment_id: UUID
    lesson_watch_id: UUID
    lesson_code: str
    issued_at: datetime
    delivered_at: datetime | None
    question: Question | None
    wrong_tries: int
    outcome: str | None
    lost: tuple[Lost, ...]


class Pending(msgspec.Struct, frozen=True):
    """A lecture of the learner that has pending seconds."""

    id: UUID
    lesson_code: str
    state: Watched


async def check_of(learner_id: UUID, check_id: UUID) -> Check:
    table = tables.PresenceCheck
    row = (
        await table.select(*(getattr(table, name) for name in Check.__struct_fields__))
        .where(table.learner_id == learner_id, table.id == check_id)
        .first()
    )
    if row is None:
        raise CheckNotFound
    question, lost = row.pop("question"), row.pop("lost")
    return Check(
        **row,
        question=msgspec.json.decode(question, type=Question) if question else None,
        lost=msgspec.json.decode(lost, type=tuple[Lost, ...]) if lost else (),
    )


async def deliver(check: Check, question: Question, now: datetime) -> None:
    table = tables.PresenceCheck
    shown = msgspec.to_builtins(question)
    await _change(
        check, {table.delivered_at: now, table.question: shown, table.answer: question.right}
    )


async def count_wrong_try(check: Check) -> None:
    await _change(check, {tables.PresenceCheck.wrong_tries: check.wrong_tries + 1})


async def close(
    check: Check, *, passed: bool, lost: Sequence[Lost], reaction_ms: int | None, now: datetime
) -> None:
    table = tables.PresenceCheck
    await _change(
        check,
        {
            table.outcome: "passed" if passed else "missed",
            table.resolved_at: now,
            table.reaction_ms: reaction_ms,
            **({table.lost: msgspec.to_builtins(lost)} if lost else {}),
        },
    )


async def _change(check: Check, values: Mapping[Any, Any]) -> None:
    table = tables.PresenceCheck
    await table.update(dict(values)).where(
        table.learner_id == check.learner_id, table.id == check.id
    )


async def pending(learner_id: UUID) -> list[Pending]:
    rows = await connection().fetch(_PENDING, learner_id)
    return [Pending(row["id"], row["lesson_code"], watched_of(row)) for row in rows]


async def settle(learner_id: UUID, watches: Sequence[Pending]) -> None:
    states = [watch.state for watch in watches]
    await connection().execute(
        _SETTLE,
        learner_id,
        [watch.id for watch in watches],
        [state.watched.to_bytes(state.duration_seconds) for state in states],
        [state.watched.seconds for state in states],
        [state.pending.to_bytes(state.duration_seconds) for state in states],
        [state.pending.seconds for state in states],
    )


async def put_seat(learner_id: UUID, seat: Seat) -> None:
    """A seat without an open check."""
    day = seat.day
    values = (day.date, day.seconds, day.pending, seat.check_in_seconds)
    await connection().execute(_SEAT, learner_id, *values)


async def resume_session(
    learner_id: UUID, session_id: UUID, *, issued: datetime, now: datetime
) -> None:
    """Its clock stood still while the check was open."""
    table = tables.PlaySession
    mine = (table.learner_id == learner_id, table.id == session_id)
    row = await table.select(table.clock_from).where(*mine).first()
    if row is not None:
        await table.update({table.clock_from: resumed(row["clock_from"], issued, now)}).where(*mine)
