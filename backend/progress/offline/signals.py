"""What watching offline shows to oversight: a phone is believed less, and says more than it knows.

Looked at a day after the first hand-in, so that a day's is seen together, and once. A signal says
where to look; it takes nothing from anybody.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from backend.progress.domain import (
    DAILY_CAP_SECONDS,
    QUICK_CHECKS,
    QUICK_MS,
    SHARING,
    Signal,
    SignalKind,
)
from infra.database import UnitOfWork, connection
from infra.engine import DB

SEEN_AFTER = timedelta(days=1)
_BATCH = 500
_A_WEEK, _A_FORTNIGHT = timedelta(days=7), timedelta(days=14)
AT_ONCE_CHECKS, AT_ONCE_MS = 3, 60_000
"""Checks that each decide on 8 to 12 minutes, answered within a minute of one another."""
DECIDES_ON = 60
"""Seconds granted to a check below which the lecture's end may have brought it."""
NO_PAUSE_SECONDS, NO_PAUSE_SHARE = 3 * 3600, 0.98
FULL_DAYS, FULL = 5, 0.98
MANY_DEVICES = 4

_TAKE = """
UPDATE download_lease l SET unseen_since = NULL FROM (
    SELECT learner_id, id, unseen_since FROM download_lease
    WHERE unseen_since < $1 ORDER BY unseen_since LIMIT $2 FOR UPDATE SKIP LOCKED
) AS due
WHERE l.learner_id = due.learner_id AND l.id = due.id
RETURNING l.learner_id, l.id, l.device_id, due.unseen_since AS since
"""
_CHECKS = """
SELECT c.learner_id, c.lease_id, c.boot_id, c.outcome, c.granted_seconds, c.answered_ms,
       c.reaction_ms
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS asked(learner_id, lease_id, since)
JOIN offline_check c ON c.learner_id = asked.learner_id AND c.lease_id = asked.lease_id
WHERE c.judged_at >= asked.since AND c.answered_ms IS NOT NULL
"""
_HANDED_IN = """
SELECT t.learner_id, extract(epoch FROM sum(t.ended_at - t.started_at))::int AS used,
       extract(epoch FROM t.synced_at - min(t.started_at))::int AS passed
FROM unnest($1::uuid[]) AS asked(learner_id)
JOIN offline_time t ON t.learner_id = asked.learner_id
WHERE t.ended_at > $2 AND t.synced_at >= $3 GROUP BY t.learner_id, t.synced_at
"""
_FULL_DAYS = """
SELECT learner_id, count(*)::int AS days FROM (
    SELECT t.learner_id FROM unnest($1::uuid[]) AS asked(learner_id)
    JOIN offline_time t ON t.learner_id = asked.learner_id
    WHERE t.counted AND t.ended_at > $2
    GROUP BY t.learner_id, (t.started_at AT TIME ZONE 'Asia/Shanghai')::date
    HAVING sum(t.seconds) >= $3
) AS full_ones GROUP BY learner_id
"""
_DEVICES = """
SELECT l.learner_id, count(DISTINCT l.device_id)::int AS devices
FROM unnest($1::uuid[]) AS asked(learner_id)
JOIN download_lease l ON l.learner_id = asked.learner_id
WHERE l.issued_at > $2 GROUP BY l.learner_id
"""
SHARED = """
SELECT device_id, count(DISTINCT learner_id)::int AS learners FROM (
    SELECT device_id, learner_id FROM play_session
    WHERE device_id = ANY($1::uuid[]) AND started_at > $2
    UNION ALL SELECT device_id, learner_id FROM download_lease
    WHERE device_id = ANY($1::uuid[]) AND issued_at > $2
) AS used GROUP BY device_id
"""
"""Online or along."""


class Note(Protocol):
    async def __call__(self, signal: Signal, *, now: datetime) -> None: ...


async def look(note: Note, *, now: datetime) -> int:
    """At what was handed in a day ago or earlier; how many signals were noted."""
    count = 0
    while True:
        async with UnitOfWork(DB):
            rows = await connection().fetch(_TAKE, now - SEEN_AFTER, _BATCH)
            found = await _found(rows, now) if rows else []
            for signal in found:
                await note(signal, now=now)
        count += len(found)
        if len(rows) < _BATCH:
            return count


async def _found(rows: list[Any], now: datetime) -> list[Signal]:
    learners = sorted({row["learner_id"] for row in rows})
    return [
        *await _by_answers(rows),
        *await _by_time(learners, min(row["since"] for row in rows), now),
        *await _by_devices(learners, rows, now),
    ]


async def _by_answers(rows: list[Any]) -> list[Signal]:
    checks = await connection().fetch(
        _CHECKS,
        [row["learner_id"] for row in rows],
        [row["id"] for row in rows],
        [row["since"] for row in rows],
    )
    return [*_at_once(checks), *_quick(checks)]


def _at_once(checks: Iterable[Any]) -> list[Signal]:
    """By the device's own clock, within a boot: no such clock goes back."""
    boots: dict[tuple[UUID, UUID], list[int]] = {}
    for row in checks:
        if row["granted_seconds"] >= DECIDES_ON:
            boots.setdefault((row["learner_id"], row["boot_id"]), []).append(row["answered_ms"])
    found = {}
    for (learner, _), times in boots.items():
        spread = max(times) - min(times)
        if len(times) >= AT_ONCE_CHECKS and spread < (len(times) - 1) * AT_ONCE_MS:
            said = f"{len(times)} offline presence checks, each on minutes of watching, were"
            said += f" answered within {spread / 1000:.0f} s by the device's own clock."
            found[learner] = Signal(learner, SignalKind.ANSWERS_AT_ONCE, 70, said)
    return list(found.values())


def _quick(checks: Iterable[Any]) -> list[Signal]:
    passed: dict[UUID, list[int]] = {}
    for row in checks:
        if row["outcome"] == "passed":
            passed.setdefault(row["learner_id"], []).append(row["reaction_ms"])
    said = "{} offline presence checks were answered right within {} ms each."
    return [
        Signal(learner, SignalKind.QUICK_ANSWERS, 60, said.format(len(took), max(took)))
        for learner, took in passed.items()
        if len(took) >= QUICK_CHECKS and max(took) <= QUICK_MS
    ]


async def _by_time(learners: list[UUID], since: datetime, now: datetime) -> list[Signal]:
    """What is granted fills the earliest free time, so what it leaves free is pause."""
    fetch = connection().fetch
    full = int(DAILY_CAP_SECONDS * FULL)
    handed_in = await fetch(_HANDED_IN, learners, since - _A_FORTNIGHT, since)
    days = await fetch(_FULL_DAYS, learners, now - _A_FORTNIGHT, full)
    no_pause = "{used} s of watching offline were handed in for {passed} s of time: no pause."
    found = {
        (row["learner_id"], SignalKind.NO_PAUSE): (30, no_pause.format(**row))
        for row in handed_in
        if row["used"] >= NO_PAUSE_SECONDS and row["used"] >= NO_PAUSE_SHARE * row["passed"]
    }
    full_days = "{days} of 14 days are filled to their 8 class hours by watching offline."
    for row in days:
        if row["days"] >= FULL_DAYS:
            found[row["learner_id"], SignalKind.FULL_DAYS] = (40, full_days.format(**row))
    return [Signal(learner, kind, *said) for (learner, kind), said in found.items()]


async def _by_devices(learners: list[UUID], rows: list[Any], now: datetime) -> list[Signal]:
    fetch, since = connection().fetch, now - _A_WEEK - SEEN_AFTER
    many = "Lectures were taken along on {} devices within a week."
    found = [
        Signal(row["learner_id"], SignalKind.MANY_DEVICES, 20, many.format(row["devices"]))
        for row in await fetch(_DEVICES, learners, since)
        if row["devices"] >= MANY_DEVICES
    ]
    used = {row["device_id"] for row in rows}
    shared = {row["device_id"]: row["learners"] for row in await fetch(SHARED, list(used), since)}
    users = {row["learner_id"]: row["device_id"] for row in rows}
    said = "{} learners used one device."
    found += [
        Signal(learner, SignalKind.SHARED_DEVICE, 40, said.format(shared[device]))
        for learner, device in users.items()
        if shared.get(device, 0) >= SHARING
    ]
    return found
