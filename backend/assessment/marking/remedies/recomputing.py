"""Corrections worked out again, by the attempt's evidence and the remedies in their order."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from backend.assessment.marking.remedies import repository
from backend.assessment.marking.remedies.domain import Sat, effect
from backend.assessment.marking.remedies.repository import RemedyRow
from courses.items.corrected_keys import OtherItem
from infra.database import UnitOfWork, connection
from infra.engine import DB

_FIRST = UUID(int=0)
_CORRECTED = """
SELECT DISTINCT attempt_id FROM attempt_correction WHERE attempt_id > $1
ORDER BY attempt_id LIMIT 200
"""
_OF_ATTEMPT = """
SELECT remedy, before, mended, score, passed, evidence, evidence_sha256
FROM attempt_correction WHERE attempt_id = $1 ORDER BY number
"""
_FIRST_MARK = "SELECT score, passed FROM exam_attempt WHERE id = $1"


async def differing() -> list[tuple[UUID, str]]:
    """Attempts whose corrections do not come out the same, and why. Writes nothing."""
    found: list[tuple[UUID, str]] = []
    last = _FIRST
    async with UnitOfWork(DB):
        remedies = await repository.applied()
        while rows := await connection().fetch(_CORRECTED, last):
            for row in rows:
                last = row["attempt_id"]
                found += [(last, why) for why in await _of_attempt(last, remedies)]
    return found


async def _of_attempt(attempt_id: UUID, remedies: Sequence[RemedyRow]) -> list[str]:
    first = await connection().fetchrow(_FIRST_MARK, attempt_id)
    if first is None:  # erased with its person
        return []
    sat = replace(await repository.sat(attempt_id), score=first["score"], passed=first["passed"])
    found = []
    for row in await connection().fetch(_OF_ATTEMPT, attempt_id):
        why = _difference(sat, row, remedies)
        found += [why] if why else []
        sat = replace(sat, score=row["score"], passed=row["passed"])
    return found


def _difference(sat: Sat, row: Any, remedies: Sequence[RemedyRow]) -> str | None:
    if hashlib.sha256(row["evidence"]).hexdigest() != row["evidence_sha256"]:
        return "a correction's evidence is not the one that was hashed"
    ids = [one.id for one in remedies]
    if row["remedy"] not in ids:
        return "a correction without an applied remedy"
    known = remedies[: ids.index(row["remedy"]) + 1]
    try:
        again = effect(sat, [one.faulty for one in known])
    except OtherItem:
        return "a corrected key does not fit the paper"
    now = (again.before, again.mended, again.after, again.passed)
    if (row["before"], row["mended"], row["score"], row["passed"]) != now:
        return f"corrected to {row['score']}, worked out {again.after}"
    return None
