"""Every mark worked out again from what its attempt froze: identical for ever, or named.

By the evidence, since answers are erased with their person and evidence is kept; where answers are
there still, they must be those of the evidence.
"""

import hashlib
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from backend.assessment.criteria import answer_from, criterion_from
from backend.assessment.domain import Answers, Criterion, Mark, MarkedByPeople, grade
from backend.assessment.marking.remedies import recomputing
from courses.items.answers import Answer
from infra.database import UnitOfWork, connection
from infra.engine import DB

_PAGE = 200
_FIRST = UUID(int=0)
_ROWS = """
SELECT id, learner_id, criterion, criterion_sha256, state, score, passed, evidence,
    evidence_sha256
FROM exam_attempt WHERE id > $1 ORDER BY id LIMIT $2
"""
_ANSWERS = """
SELECT a.attempt_id, a.item_id, a.picked
FROM (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS pairs(learner_id, id)
    LIMIT cardinality($1)) AS asked
JOIN attempt_answer a ON a.learner_id = asked.learner_id AND a.attempt_id = asked.id
"""


class Differing(msgspec.Struct, frozen=True):
    attempt: UUID
    why: str


class Recomputed(msgspec.Struct, rename="camel"):
    attempts: int = 0
    marked: int = 0
    """The others are open, or wait for people to mark."""
    differing: list[Differing] = []


class Evidence(msgspec.Struct):
    criterion: dict[str, Any]
    answers: dict[str, Any]
    points: dict[str, Decimal]
    score: Decimal
    passed: bool
    essays: tuple[MarkedByPeople, ...] = ()

    def given(self) -> Answers:
        return {item: answer_from(answer) for item, answer in self.answers.items()}


def mark_again(criterion: Criterion, evidence: Evidence) -> Mark:
    """With what people gave for essays, which is theirs to say."""
    return grade(criterion, evidence.given(), evidence.essays)


def differences(row: Any, kept: dict[str, Answer]) -> list[str]:
    """Of one attempt. `kept`: its answers as far as they are there still."""
    if hashlib.sha256(row["criterion"]).hexdigest() != row["criterion_sha256"]:
        return ["the criterion is not the one that was hashed"]
    if row["evidence"] is None:
        return []
    if hashlib.sha256(row["evidence"]).hexdigest() != row["evidence_sha256"]:
        return ["the evidence is not the one that was hashed"]
    try:
        criterion = criterion_from(msgspec.json.decode(row["criterion"]))
        evidence = msgspec.json.decode(row["evidence"], type=Evidence)
        return [*_differences(row, criterion, evidence, kept)]
    except (ValueError, KeyError) as error:  # msgspec's errors are ValueErrors
        return [f"cannot be read: {error}"]


def _differences(
    row: Any, criterion: Criterion, evidence: Evidence, kept: dict[str, Answer]
) -> list[str]:
    mark = mark_again(criterion, evidence)
    found = []
    if criterion_from(evidence.criterion) != criterion:
        found.append("the evidence speaks of another criterion")
    if kept and kept != evidence.given():
        found.append("the answers are not those of the evidence")
    if (row["score"], row["passed"]) != (mark.score, mark.passed):
        found.append(f"marked {row['score']}, worked out {mark.score}")
    if (evidence.score, evidence.passed) != (mark.score, mark.passed):
        found.append(f"the evidence says {evidence.score}, worked out {mark.score}")
    other = [item for item, points in mark.points.items() if evidence.points.get(item) != points]
    if other:
        found.append(f"other points of items: {', '.join(other[:5])}")
    return found


async def recompute() -> Recomputed:
    """All attempts, a page at a time; writes nothing."""
    done = Recomputed()
    async for rows, answers in _pages():
        for row in rows:
            done.attempts += 1
            done.marked += row["evidence"] is not None
            found = differences(row, answers.get(row["id"], {}))
            done.differing += [Differing(row["id"], why) for why in found]
    done.differing += [Differing(*one) for one in await recomputing.differing()]
    return done


async def _pages() -> AsyncIterator[tuple[list[Any], dict[UUID, dict[str, Answer]]]]:
    last = _FIRST
    while True:
        async with UnitOfWork(DB):
            rows = await connection().fetch(_ROWS, last, _PAGE)
            ids = [row["learner_id"] for row in rows], [row["id"] for row in rows]
            given = await connection().fetch(_ANSWERS, *ids) if rows else []
        if not rows:
            return
        answers: dict[UUID, dict[str, Answer]] = {}
        for one in given:
            of_attempt = answers.setdefault(one["attempt_id"], {})
            of_attempt[one["item_id"]] = answer_from(msgspec.json.decode(one["picked"]))
        yield rows, answers
        last = rows[-1]["id"]
