"""What cannot be told from honest learning is handed to oversight: a robot at the lecture's own
speed that answers checks, one person who watches for thirty.

Worked out from stored rows when a play session is over, never while heartbeats are taken. A signal
says where to look; it takes nothing from anybody.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog

from backend.progress.domain import LEASE, QUICK_CHECKS, QUICK_MS, SHARING, Signal, SignalKind
from backend.progress.offline import signals as offline
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.outage import AWAY
from infra.queue import WorkerContext

_log = structlog.get_logger(__name__)
_LOOK_AFTER_SECONDS = 900.0
_BATCH = 500
_SHARED_FOR = timedelta(days=7)
SOME_SECONDS = 300
"""Granted seconds of a session below which nothing can be told."""
MANY_BEATS = 30
REGULAR = 0.002
"""Spread of the time between heartbeats, as a part of it: players' timers vary ten times more."""

# `judged_at` is set by the same statement that finds them: two workers share the work.
_TAKE = """
UPDATE play_session s SET judged_at = $1 FROM (
    SELECT learner_id, id FROM play_session
    WHERE judged_at IS NULL AND started_at < $2 ORDER BY started_at LIMIT $3 FOR UPDATE SKIP LOCKED
) AS over
WHERE s.learner_id = over.learner_id AND s.id = over.id
RETURNING s.learner_id, s.id, s.device_id, s.credited_seconds, s.segments_at, s.beats,
    s.beat_gap_ms, s.beat_gap_square, s.started_at
"""
_REACTIONS = """
SELECT c.learner_id, count(*)::int AS answered, max(c.reaction_ms) AS slowest
FROM unnest($1::uuid[]) AS asked(learner_id)
JOIN presence_check c ON c.learner_id = asked.learner_id
WHERE c.outcome = 'passed' AND c.resolved_at > $2 GROUP BY c.learner_id
"""


class Note(Protocol):
    """Oversight's `note_signal`, bound by the worker: that area knows ours, not we it."""

    async def __call__(self, signal: Signal, *, now: datetime) -> None: ...


async def run(context: WorkerContext, note: Note, stop: asyncio.Event) -> None:
    """Until `stop`. Several workers share the work."""
    while not stop.is_set():
        with suppress(*AWAY):
            now = context.clock()
            if count := await look(note, now=now) + await offline.look(note, now=now):
                _log.info("integrity_signals", count=count)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK_AFTER_SECONDS)


async def look(note: Note, *, now: datetime) -> int:
    """Judges sessions whose lease is over, each once; how many signals were noted."""
    count = 0
    while True:
        async with UnitOfWork(DB):
            rows = await connection().fetch(_TAKE, now, now - LEASE, _BATCH)
            found = [*_by_session(rows), *await _by_device(rows), *await _by_answers(rows)]
            for signal in found:
                await note(signal, now=now)
        count += len(found)
        if len(rows) < _BATCH:
            return count


def regularity(beats: int, gap_ms: int, gap_square: int) -> float:
    """Standard deviation of the gaps between beats, as a part of their mean; 1 of too few."""
    gaps = beats - 1
    if gaps < 1 or gap_ms <= 0:
        return 1.0
    mean = gap_ms / gaps
    return float(max(0.0, gap_square / gaps - mean * mean) ** 0.5 / mean)


def _by_session(rows: list[Any]) -> list[Signal]:
    """One of a kind for a learner and look, of the first session that shows it."""
    found: dict[tuple[UUID, SignalKind], Signal] = {}
    for row in rows:
        if row["credited_seconds"] < SOME_SECONDS:
            continue
        learner, spread = row["learner_id"], regularity(*_beats(row))
        if row["beats"] >= MANY_BEATS and spread < REGULAR:
            said = f"{row['beats']} heartbeats came at intervals that vary by {spread:.4%}."
            signal = Signal(learner, SignalKind.REGULARITY, 30, said)
            found.setdefault((learner, SignalKind.REGULARITY), signal)
        if row["segments_at"] is None:
            said = f"{row['credited_seconds']} s were watched without a list of segments."
            signal = Signal(learner, SignalKind.NO_SEGMENTS, 80, said)
            found.setdefault((learner, SignalKind.NO_SEGMENTS), signal)
    return list(found.values())


def _beats(row: Any) -> tuple[int, int, int]:
    return row["beats"], row["beat_gap_ms"], row["beat_gap_square"]


async def _by_device(rows: list[Any]) -> list[Signal]:
    users = {row["learner_id"]: row["device_id"] for row in rows if row["device_id"]}
    if not users:
        return []
    since = min(row["started_at"] for row in rows) - _SHARED_FOR
    shared = {
        row["device_id"]: row["learners"]
        for row in await connection().fetch(offline.SHARED, list(set(users.values())), since)
        if row["learners"] >= SHARING
    }
    return [
        Signal(learner, SignalKind.SHARED_DEVICE, 40, f"{shared[device]} learners used one device.")
        for learner, device in users.items()
        if device in shared
    ]


async def _by_answers(rows: list[Any]) -> list[Signal]:
    if not rows:
        return []
    since = min(row["started_at"] for row in rows)
    learners = list({row["learner_id"] for row in rows})
    said = "{} presence checks were answered right within {} ms each."
    return [
        Signal(row["learner_id"], SignalKind.QUICK_ANSWERS, 60, said.format(*_answers(row)))
        for row in await connection().fetch(_REACTIONS, learners, since)
        if row["answered"] >= QUICK_CHECKS and row["slowest"] <= QUICK_MS
    ]


def _answers(row: Any) -> tuple[int, int]:
    return row["answered"], row["slowest"]
