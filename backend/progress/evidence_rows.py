"""Rows behind a record: read when it is earned, and again by whoever wants to know."""

from collections.abc import Collection
from uuid import UUID

import msgspec

from backend.progress.domain import CheckedPresence
from infra.database import connection

# Up to the completion: what a learner does in a lesson afterwards changes nothing of it.
_PRESENCE = """
SELECT p.lesson_code AS lesson, (count(*) FILTER (WHERE p.outcome = 'passed'))::int AS passed,
       (count(*) FILTER (WHERE p.outcome = 'missed'))::int AS missed
FROM ledger_entry l
JOIN presence_check p ON p.learner_id = l.learner_id AND p.enrolment_id = l.enrolment_id
    AND p.lesson_code = l.lesson_code AND p.resolved_at <= l.completed_at
WHERE l.learner_id = $1 AND l.id = ANY($2::uuid[]) AND l.kind = 'awarded' AND p.learner_id = $1
GROUP BY p.lesson_code ORDER BY p.lesson_code
"""
_HASHES = """
SELECT id, encode(sha256(evidence), 'hex') AS sha256 FROM ledger_entry
WHERE learner_id = $1 AND id = ANY($2::uuid[])
"""


async def presence_behind(
    learner_id: UUID, entries: Collection[UUID]
) -> tuple[CheckedPresence, ...]:
    rows = await connection().fetch(_PRESENCE, learner_id, list(entries))
    return msgspec.convert([dict(row) for row in rows], tuple[CheckedPresence, ...])


async def hashes(learner_id: UUID, entries: Collection[UUID]) -> dict[UUID, str]:
    rows = await connection().fetch(_HASHES, learner_id, list(entries))
    return {row["id"]: row["sha256"] for row in rows}
