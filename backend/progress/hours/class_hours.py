"""Hours of classes, in the ledger of all hours: one day has one limit, in a room or online.

Two calls in the transaction of the class: `day_totals` locks the learners and says what their days
hold, `enter` writes what the class then awards.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import rfc8785

from backend.progress.domain import shanghai_day
from backend.progress.hours.domain import Balances, ClassEntry, Line, balances, check_entry
from backend.progress.hours.told import CorrectedHours, tell
from backend.progress.presence import service as presence
from infra.database import connection
from infra.ids import uuid7

# Whoever never learned online has no seat yet. In key order, as heartbeats lock: no deadlock.
_SEATS = """
INSERT INTO learner_seat (learner_id, day, day_seconds, day_pending, check_in_seconds)
SELECT n.id, $2, 0, 0, n.check_in FROM unnest($1::uuid[], $3::int[]) AS n(id, check_in)
ORDER BY n.id ON CONFLICT (learner_id) DO NOTHING
"""
_LOCK = """
SELECT l.learner_id FROM unnest($1::uuid[]) AS asked(id)
JOIN learner_seat l ON l.learner_id = asked.id ORDER BY l.learner_id FOR NO KEY UPDATE OF l
"""
_SUMS = """
SELECT l.learner_id, l.counts_on, l.programme_code, sum(l.seconds)::int AS seconds
FROM unnest($1::uuid[]) AS asked(id) JOIN ledger_entry l ON l.learner_id = asked.id
GROUP BY l.learner_id, l.counts_on, l.programme_code
"""
_ENTER = """
INSERT INTO ledger_entry (id, learner_id, kind, source, module_code, class_session_id, seconds,
    evidence, evidence_sha256, completed_at, counts_on, reason, entered_by)
SELECT n.id, n.person, CASE WHEN n.reason IS NULL THEN 'awarded' ELSE 'correction' END,
    'class-session', n.module, n.session, n.seconds, n.evidence, n.sha256, $1, n.counts_on,
    n.reason, n.entered_by
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::int[], $7::bytea[], $8::text[],
    $9::date[], $10::text[], $11::uuid[])
    AS n(id, person, module, session, seconds, evidence, sha256, counts_on, reason, entered_by)
"""


async def day_totals(people: Collection[UUID], *, now: datetime) -> dict[UUID, dict[date, int]]:
    """Seconds that count on each day, of all kinds; the learners stay locked until the end."""
    await lock(people, now=now)
    return {person: dict(sums.by_day) for person, sums in (await sums_of(people)).items()}


async def enter(entries: Sequence[ClassEntry], *, now: datetime) -> None:
    """HoursNotThere or DayIsFull, and nothing is entered."""
    if not entries:
        return
    people = {entry.person_id for entry in entries}
    await lock(people, now=now)
    before = await sums_of(people)
    for entry in entries:
        so_far = before[entry.person_id]
        check_entry(entry.line, so_far)
        before[entry.person_id] = _plus(so_far, entry.line)
    proofs, ids = [evidence(entry) for entry in entries], [uuid7() for _ in entries]
    await connection().execute(
        _ENTER,
        now,
        ids,
        [entry.person_id for entry in entries],
        [entry.module for entry in entries],
        [entry.class_session_id for entry in entries],
        [entry.seconds for entry in entries],
        proofs,
        [hashlib.sha256(proof).hexdigest() for proof in proofs],
        [entry.counts_on for entry in entries],
        [entry.reason for entry in entries],
        [entry.entered_by for entry in entries],
    )
    await tell(_corrections(ids, entries), now=now)


def _corrections(ids: Sequence[UUID], entries: Sequence[ClassEntry]) -> list[CorrectedHours]:
    return [
        CorrectedHours(
            id=id_,
            learner_id=entry.person_id,
            seconds=entry.seconds,
            lesson=None,
            module=entry.module,
        )
        for id_, entry in zip(ids, entries, strict=True)
        if entry.reason is not None
    ]


async def lock(people: Collection[UUID], *, now: datetime) -> None:
    ids = sorted(people)
    checks = [presence.draw_interval() for _ in ids]
    await connection().execute(_SEATS, ids, shanghai_day(now), checks)
    await connection().execute(_LOCK, ids)


async def sums_of(people: Collection[UUID]) -> dict[UUID, Balances]:
    lines: dict[UUID, list[Line]] = defaultdict(list)
    for row in await connection().fetch(_SUMS, list(people)):
        lines[row["learner_id"]].append(
            Line(
                counts_on=row["counts_on"],
                seconds=row["seconds"],
                programme=row["programme_code"],
            )
        )
    return {person: balances(lines[person]) for person in people}


def _plus(so_far: Balances, new: Line) -> Balances:
    days, programmes = dict(so_far.by_day), dict(so_far.by_programme)
    days[new.counts_on] = days.get(new.counts_on, 0) + new.seconds
    programmes[new.programme] = programmes.get(new.programme, 0) + new.seconds
    return Balances(by_day=days, by_programme=programmes)


def evidence(entry: ClassEntry) -> bytes:
    """In canonical JSON; the class keeps the scans behind it."""
    return rfc8785.dumps(
        {
            "kind": "class-hours",
            "attendance": str(entry.attendance_id),
            "classSession": str(entry.class_session_id),
            "learner": str(entry.person_id),
            "module": entry.module,
            "countsOn": entry.counts_on.isoformat(),
            "seconds": entry.seconds,
            "source": "class-session",
        }
    )
