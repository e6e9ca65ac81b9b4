"""The rows behind what a device hands in. The caller has locked the learner's seat."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from backend.progress.bitmap import Bitmap
from backend.progress.heartbeats.domain import Seat
from backend.progress.heartbeats.repository import watched_of
from backend.progress.offline.batch import Kit, OnlineTime, Spent, clock_of
from backend.progress.offline.domain import Lease, Outcome, Seen, Stretch
from backend.progress.offline.wall_clock import Taken, WallClock
from infra.database import connection
from infra.ids import uuid7

_LEASES = """
SELECT l.id AS lease_id, l.counted_from, l.rate_percent, l.lost,
       least(l.expires_at, l.revoked_at) AS ends_at, w.id, w.enrolment_id, w.lesson_code,
       w.duration_seconds, w.watched, w.pending, w.questions_passed_at, w.watched_percent,
       w.needs_questions, w.needs_reading_seconds, w.completed_at, w.left_at
FROM unnest($3::uuid[]) AS asked(id)
JOIN download_lease l ON l.learner_id = $1 AND l.id = asked.id AND l.device_id = $2
JOIN lesson_watch w ON w.learner_id = $1 AND w.id = l.lesson_watch_id
"""
_CHECKS = """
SELECT lease_id, number, length_seconds, granted_seconds, answer, outcome, boot_id, answered_ms
FROM offline_check WHERE learner_id = $1 AND lease_id = ANY($2::uuid[])
"""
_SESSIONS = """
SELECT started_at, coalesce(last_beat_at, closed_at, $3) AS ended_at, credited_seconds,
       rate_percent
FROM play_session
WHERE learner_id = $1 AND credited_seconds > 0 AND coalesce(last_beat_at, closed_at, $3) > $2
ORDER BY started_at
"""
_TIMES = """
SELECT started_at, ended_at, seconds, counted FROM offline_time
WHERE learner_id = $1 AND ended_at > $2
"""
_STORE_SEEN = """
UPDATE lesson_watch w SET watched = n.watched, watched_seconds = n.seconds
FROM unnest($2::uuid[], $3::bytea[], $4::int[]) AS n(id, watched, seconds)
WHERE w.learner_id = $1 AND w.id = n.id
"""
_STORE_LEASES = """
UPDATE download_lease l SET lost = n.lost, unseen_since = coalesce(l.unseen_since, $5),
    counted_from = greatest(l.counted_from, n.counted_from)
FROM unnest($2::uuid[], $3::bytea[], $4::timestamptz[]) AS n(id, lost, counted_from)
WHERE l.learner_id = $1 AND l.id = n.id
"""
_STORE_CHECKS = """
UPDATE offline_check c SET granted_seconds = n.granted, outcome = n.outcome, boot_id = n.boot,
    answered_ms = n.answered, reaction_ms = coalesce(c.reaction_ms, n.reaction),
    judged_at = CASE WHEN n.outcome IS NULL THEN NULL ELSE coalesce(c.judged_at, $2) END
FROM unnest($3::uuid[], $4::int[], $5::int[], $6::text[], $7::uuid[], $8::bigint[], $9::bigint[])
    AS n(lease_id, number, granted, outcome, boot, answered, reaction)
WHERE c.learner_id = $1 AND c.lease_id = n.lease_id AND c.number = n.number
"""
_STORE_TIMES = """
INSERT INTO offline_time (id, learner_id, lease_id, lesson_watch_id, started_at, ended_at, seconds,
    counted, synced_at)
SELECT n.id, $1, n.lease_id, n.watch_id, n.started, n.ended, n.seconds, n.counted, $2
FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::timestamptz[], $7::timestamptz[], $8::int[],
    $9::bool[]) AS n(id, lease_id, watch_id, started, ended, seconds, counted)
"""
_STORE_DAY = "UPDATE learner_seat SET day = $2, day_seconds = $3, day_pending = $4" + (
    " WHERE learner_id = $1"
)
_SESSION_CLOCK = "SELECT clock_from FROM play_session WHERE learner_id = $1 AND id = $2"
_PUSH = "UPDATE play_session SET clock_from = $3 WHERE learner_id = $1 AND id = $2"


async def unpack(learner_id: UUID, device_id: UUID, lease_ids: Iterable[UUID]) -> Kit:
    """Those of the learner on this device: others' leases are simply not there."""
    rows = await connection().fetch(_LEASES, learner_id, device_id, sorted(set(lease_ids)))
    seen = {row["id"]: _seen(row) for row in rows}
    leases = {row["lease_id"]: _lease(row, seen[row["id"]]) for row in rows}
    right = {}
    for row in await connection().fetch(_CHECKS, learner_id, list(leases)):
        leases[row["lease_id"]].stretches[row["number"]] = _stretch(row)
        right[row["lease_id"], row["number"]] = row["answer"]
    return Kit(leases, right)


async def wall_clock(learner_id: UUID, kit: Kit, seat: Seat, *, now: datetime) -> WallClock:
    """What of the leases' time is free yet: not used online, nor by another device."""
    since = min((lease.counted_from for lease in kit.leases.values()), default=now)
    found = await connection().fetch(_SESSIONS, learner_id, since, now)
    sessions = [OnlineTime(*row) for row in found]
    first = min([since, *(session.started_at for session in sessions)])
    times = [_spent(row) for row in await connection().fetch(_TIMES, learner_id, first)]
    return clock_of(times, sessions, seat, since=first, now=now)


async def pack(learner_id: UUID, kit: Kit, *, settled: bool, now: datetime) -> None:
    """Leases, checks, lectures seen and time spent."""
    leases = list(kit.leases.values())
    seen = {lease.seen.id: lease.seen for lease in leases}.values()
    run = connection().execute
    await run(
        _STORE_SEEN,
        learner_id,
        [one.id for one in seen],
        [one.state.watched.to_bytes(one.state.duration_seconds) for one in seen],
        [one.state.watched.seconds for one in seen],
    )
    await run(
        _STORE_LEASES,
        learner_id,
        [lease.id for lease in leases],
        [lease.lost.to_bytes(lease.seen.state.duration_seconds) for lease in leases],
        [now if settled else lease.counted_from for lease in leases],
        now,
    )
    await _pack_checks(learner_id, kit, now)
    await _pack_times(learner_id, kit, now)


async def _pack_checks(learner_id: UUID, kit: Kit, now: datetime) -> None:
    pairs = [(lease.id, one) for lease in kit.leases.values() for one in lease.stretches.values()]
    await connection().execute(
        _STORE_CHECKS,
        learner_id,
        now,
        [lease_id for lease_id, _ in pairs],
        [one.number for _, one in pairs],
        [one.granted_seconds for _, one in pairs],
        [one.outcome for _, one in pairs],
        [one.boot_id for _, one in pairs],
        [one.answered_ms for _, one in pairs],
        [kit.reactions.get((lease_id, one.number)) for lease_id, one in pairs],
    )


async def _pack_times(learner_id: UUID, kit: Kit, now: datetime) -> None:
    spent, leases = kit.spent, [one.lease for one in kit.spent if one.lease]
    await connection().execute(
        _STORE_TIMES,
        learner_id,
        now,
        [uuid7() for _ in spent],
        [lease.id for lease in leases],
        [lease.seen.id for lease in leases],
        [_at(one.time.start) for one in spent],
        [_at(one.time.end) for one in spent],
        [one.time.seconds for one in spent],
        [one.counted for one in spent],
    )


async def put_day(learner_id: UUID, seat: Seat) -> None:
    day = seat.day
    await connection().execute(_STORE_DAY, learner_id, day.date, day.seconds, day.pending)


async def push_session(learner_id: UUID, session_id: UUID, spent: list[Taken]) -> None:
    """The active session cannot be granted the same time: its clock begins later by it."""
    found = await connection().fetchval(_SESSION_CLOCK, learner_id, session_id)
    if found is None:
        return
    wall = sum(one.since(int(found.timestamp())) for one in spent)
    if wall:
        later = datetime.fromtimestamp(found.timestamp() + wall, UTC)
        await connection().execute(_PUSH, learner_id, session_id, later)


def _spent(row: Any) -> Spent:
    start, end = int(row["started_at"].timestamp()), int(row["ended_at"].timestamp())
    return Spent(None, Taken(start, end, row["seconds"]), row["counted"])


def _at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _seen(row: Any) -> Seen:
    return Seen(row["id"], row["enrolment_id"], row["lesson_code"], watched_of(row))


def _lease(row: Any, seen: Seen) -> Lease:
    return Lease(
        id=row["lease_id"],
        counted_from=row["counted_from"],
        ends_at=row["ends_at"],
        rate_percent=row["rate_percent"],
        lost=Bitmap.of(row["lost"]),
        seen=seen,
        stretches={},
    )


def _stretch(row: Any) -> Stretch:
    return Stretch(
        number=row["number"],
        length_seconds=row["length_seconds"],
        granted_seconds=row["granted_seconds"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        boot_id=row["boot_id"],
        answered_ms=row["answered_ms"],
    )
