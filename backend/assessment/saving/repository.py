"""The rows behind a group of saves: one lock, one write, however many attempts are in it.

`LIMIT cardinality(...)` leaves out nothing; it has the planner look each row up by its key.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.assessment.criteria import items_of
from backend.assessment.domain import PaperItem, State
from courses.items.answers import Answer
from infra.database import connection
from infra.ids import uuid7

_LOCK = """
SELECT a.id, a.learner_id, a.state, a.due_at, a.sitting, a.criterion
FROM (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS pairs(learner_id, id)
    LIMIT cardinality($1)) AS asked
JOIN exam_attempt a ON a.id = asked.id AND a.learner_id = asked.learner_id
ORDER BY a.id FOR NO KEY UPDATE OF a
"""
# Sent again with the same sequence, an answer is kept once more, at the time it first came.
_STORE = """
INSERT INTO attempt_answer AS kept
    (id, learner_id, attempt_id, item_id, picked, sequence, spent_ms, saved_at)
SELECT n.id, n.learner_id, n.attempt_id, n.item_id, n.picked::jsonb, n.sequence, n.spent_ms,
    n.saved_at
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::int[],
    $8::timestamptz[])
    AS n(id, learner_id, attempt_id, item_id, picked, sequence, spent_ms, saved_at)
ON CONFLICT (learner_id, attempt_id, item_id) DO UPDATE SET
    picked = excluded.picked, sequence = excluded.sequence,
    spent_ms = coalesce(excluded.spent_ms, kept.spent_ms),
    saved_at = CASE WHEN excluded.sequence = kept.sequence THEN kept.saved_at
        ELSE excluded.saved_at END
WHERE excluded.sequence >= kept.sequence
RETURNING attempt_id, item_id
"""


class OpenPaper(msgspec.Struct, frozen=True):
    """What decides about a save; locked."""

    id: UUID
    learner_id: UUID
    state: State
    due_at: datetime
    sitting: int
    items: Sequence[PaperItem]


class Saved(msgspec.Struct, frozen=True):
    learner_id: UUID
    attempt_id: UUID
    item_id: str
    answer: Answer
    """In the bank's ids."""
    sequence: int
    spent_ms: int | None
    at: datetime


Place = tuple[UUID, str]
"""Attempt and item."""


async def lock(asked: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], OpenPaper]:
    """By learner and attempt: another learner's attempt is simply not there."""
    pairs = sorted(set(asked))
    rows = await connection().fetch(_LOCK, [p for p, _ in pairs], [a for _, a in pairs])
    return {(row["learner_id"], row["id"]): _paper(row) for row in rows}


def _paper(row: Any) -> OpenPaper:
    return OpenPaper(
        row["id"],
        row["learner_id"],
        State(row["state"]),
        row["due_at"],
        row["sitting"],
        items_of(row["criterion"]),
    )


async def store(answers: Iterable[Saved]) -> dict[Place, int]:
    """Of each item the latest is written, unless a later one is kept already. Returns the
    sequences of those that stand now."""
    latest: dict[Place, Saved] = {}
    for one in answers:
        place = one.attempt_id, one.item_id
        if place not in latest or latest[place].sequence <= one.sequence:
            latest[place] = one
    if not latest:
        return {}
    rows = [latest[place] for place in sorted(latest)]  # in one order: no two groups deadlock
    written = await connection().fetch(
        _STORE,
        [uuid7() for _ in rows],
        [one.learner_id for one in rows],
        [one.attempt_id for one in rows],
        [one.item_id for one in rows],
        [msgspec.json.encode(one.answer).decode() for one in rows],
        [one.sequence for one in rows],
        [one.spent_ms for one in rows],
        [one.at for one in rows],
    )
    places = [(row["attempt_id"], row["item_id"]) for row in written]
    return {place: latest[place].sequence for place in places}
