"""The ledger of class hours: a lesson whose rule is met is entered once, whole, with its evidence.

Callers hold the learner's seat (`repository.lock_seat`), so that two ways of
completing a lesson cannot pass each other.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
import rfc8785

from backend.progress.domain import counting_day, shanghai_day
from backend.progress.rules.of_lesson import rule_of
from infra.database import connection
from infra.ids import uuid7

_READY = """
SELECT w.id, w.learner_id, w.enrolment_id, w.lesson_code, w.module_code, w.lecture_id,
       w.duration_seconds, w.credit_seconds, w.watched, w.watched_seconds, w.watched_percent,
       w.needs_questions, w.needs_reading_seconds, w.read_seconds,
       e.programme_code, e.edition, e.edition_sha256, c.id AS check_id, c.answered_at,
       (SELECT count(*) FROM presence_check p WHERE p.learner_id = w.learner_id
        AND p.lesson_watch_id = w.id AND p.outcome = 'passed') AS presence_checks
FROM lesson_watch w
JOIN enrolment e ON e.id = w.enrolment_id AND e.learner_id = w.learner_id
LEFT JOIN LATERAL (
    SELECT id, answered_at FROM lesson_check
    WHERE learner_id = w.learner_id AND enrolment_id = w.enrolment_id
      AND lesson_code = w.lesson_code AND passed
    ORDER BY answered_at LIMIT 1
) c ON true
WHERE w.learner_id = $1 AND w.id = ANY($2::uuid[]) AND w.left_at IS NULL
  AND NOT EXISTS (SELECT FROM carried_lesson k WHERE k.learner_id = $1
                  AND k.enrolment_id = w.enrolment_id AND k.lesson_code = w.lesson_code)
  AND (c.id IS NOT NULL OR NOT w.needs_questions) AND w.read_seconds >= w.needs_reading_seconds
ORDER BY w.lesson_code
"""
_AWARDED = """
SELECT counts_on, sum(seconds)::int AS seconds FROM ledger_entry
WHERE learner_id = $1 AND counts_on >= $2 GROUP BY counts_on
"""
_ENTER = """
INSERT INTO ledger_entry (id, learner_id, kind, enrolment_id, programme_code, edition, module_code,
    lesson_code, lecture_id, source, seconds, watched_seconds, evidence, evidence_sha256,
    completed_at, counts_on)
SELECT n.id, w.learner_id, 'awarded', w.enrolment_id, e.programme_code, e.edition, w.module_code,
    w.lesson_code, w.lecture_id, $8, w.credit_seconds, w.watched_seconds, n.evidence,
    n.sha256, $5, n.counts_on
FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[], $6::date[])
    AS n(id, watch_id, evidence, sha256, counts_on)
JOIN lesson_watch w ON w.learner_id = $7 AND w.id = n.watch_id
JOIN enrolment e ON e.id = w.enrolment_id AND e.learner_id = w.learner_id
ON CONFLICT (learner_id, enrolment_id, lesson_code) WHERE kind = 'awarded' DO NOTHING
"""
_DONE = """
UPDATE lesson_watch SET completed_at = $3 WHERE learner_id = $1 AND id = ANY($2::uuid[])
"""


async def award(
    learner_id: UUID, watched_enough: Iterable[UUID], *, source: str = "online", now: datetime
) -> list[UUID]:
    """Enter the hours of those lesson watches whose questions and reading are done too, as far as
    the rule asks for them.

    Returns which these are; again is harmless, the entry stands once.
    """
    ready = await connection().fetch(_READY, learner_id, list(watched_enough))
    if not ready:
        return []
    ids = [row["id"] for row in ready]
    proofs = [_evidence(row, source, now) for row in ready]
    await connection().execute(
        _ENTER,
        [uuid7() for _ in ready],
        ids,
        proofs,
        [hashlib.sha256(proof).hexdigest() for proof in proofs],
        now,
        await _counting_days(learner_id, ready, shanghai_day(now)),
        learner_id,
        source,
    )
    await connection().execute(_DONE, learner_id, ids, now)
    return ids


async def _counting_days(learner_id: UUID, ready: list[Any], today: date) -> list[date]:
    found = await connection().fetch(_AWARDED, learner_id, today)
    by_day = {row["counts_on"]: row["seconds"] for row in found}
    days = []
    for row in ready:
        days.append(counting_day(today, row["credit_seconds"], by_day))
        by_day[days[-1]] = by_day.get(days[-1], 0) + row["credit_seconds"]
    return days


def _evidence(row: Any, source: str, now: datetime) -> bytes:
    """What was earned and by what, in canonical JSON, so that its hash is anybody's to repeat."""
    return rfc8785.dumps(
        {
            "kind": "lesson-hours",
            "learner": str(row["learner_id"]),
            "enrolment": str(row["enrolment_id"]),
            "programme": row["programme_code"],
            "edition": row["edition"],
            "editionSha256": row["edition_sha256"],
            "module": row["module_code"],
            "lesson": row["lesson_code"],
            "lecture": str(row["lecture_id"]),
            "durationSeconds": row["duration_seconds"],
            "watchedSeconds": row["watched_seconds"],
            "watchedSha256": hashlib.sha256(row["watched"]).hexdigest(),
            "readSeconds": row["read_seconds"],
            "rule": msgspec.to_builtins(rule_of(row)),
            "check": str(row["check_id"]) if row["check_id"] else None,
            "checkPassedAt": row["answered_at"].isoformat() if row["answered_at"] else None,
            "presenceChecksPassed": row["presence_checks"],
            "completedAt": now.isoformat(),
            "creditSeconds": row["credit_seconds"],
            "source": source,
        }
    )
