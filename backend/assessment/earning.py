"""What a record rests on: gathered with the pass, and worked out again from the rows later."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.assessment import outcome, repository
from backend.assessment.repository import Attempt
from backend.curriculum import service as curriculum
from backend.progress import service as progress
from backend.progress.domain import CheckedPresence, CompletionFacts, CountedRow
from backend.records.domain import EvidenceLink, RecordFacts
from backend.records.evidence.domain import (
    CountedAttempt,
    CountedHours,
    Earning,
    LessonPresence,
    Manifest,
    sums_by_source,
)
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.errors import NotFound

# Hashes are worked out from what they are of, so that the two cannot be changed apart.
_ATTEMPTS = """
SELECT id AS attempt, number, encode(sha256(criterion), 'hex') AS paper_sha256,
    score::text AS score, passed, encode(sha256(evidence), 'hex') AS evidence_sha256
FROM exam_attempt WHERE learner_id = $1 AND enrolment_id = $2 AND number <= $3 ORDER BY number
"""
_CORRECTION = """
SELECT score, corrected_at, encode(sha256(evidence), 'hex') AS sha256
FROM attempt_correction WHERE id = $1 AND attempt_id = $2
"""


class EvidenceGone(NotFound):
    """The rows behind this record are gone: its evidence can be looked at, not worked out again."""

    zh = "该证明所依据的数据行已不存在：证据清单可以查看，但无法重新计算。"


async def earning_of(passed: Attempt, facts: CompletionFacts, *, now: datetime) -> Earning:
    """In the unit of work of the pass."""
    presence = await progress.presence_behind(passed.learner_id, [row.id for row in facts.counted])
    return await _earning(passed, facts.counted, presence, now)


async def earned_again(manifest: Manifest) -> tuple[RecordFacts, Earning]:
    """From the rows as they are now, those that were counted then. EvidenceGone."""
    frozen, earned = manifest.facts, manifest.earned
    if earned is None:
        raise EvidenceGone
    learner, entries, at = frozen.learner_id, [one.entry for one in earned.hours], _moment(earned)
    try:
        async with UnitOfWork(DB):
            passed, corrections = await _passed(frozen)
            facts = await progress.completion_facts(
                passed.enrolment_id, learner, now=at, only=set(entries)
            )
            hashes = await progress.hours_hashed(learner, entries)
            presence = await progress.presence_behind(learner, entries)
            again = await _earning(passed, _rehashed(facts, hashes), presence, at)
            found = await _facts(passed, facts, corrections)
            # Which correction of the record it is, no row of the learning says.
            return msgspec.structs.replace(found, revision=frozen.revision), again
    except NotFound as error:
        raise EvidenceGone from error


def _rehashed(facts: CompletionFacts, hashes: dict[UUID, str]) -> list[CountedRow]:
    return [
        msgspec.structs.replace(row, evidence_sha256=hashes[row.id])
        for row in facts.counted
        if row.id in hashes
    ]


def _moment(earned: Earning) -> datetime:
    return datetime.fromisoformat(earned.at)


async def _passed(frozen: RecordFacts) -> tuple[Attempt, list[EvidenceLink]]:
    """The attempt as it passed, with the correction by which it did, if any."""
    refs = {link.kind: link.ref for link in frozen.evidence}
    if "exam-attempt" not in refs:
        raise EvidenceGone
    attempt_id = UUID(refs["exam-attempt"])
    attempt = await repository.attempt(attempt_id, learner_id=frozen.learner_id)
    if "exam-correction" not in refs:
        return attempt, []
    ref = refs["exam-correction"]
    row: Any = await connection().fetchrow(_CORRECTION, UUID(ref), attempt_id)
    if row is None:
        raise EvidenceGone
    link = EvidenceLink(kind="exam-correction", ref=ref, sha256=row["sha256"])
    corrected = msgspec.structs.replace(
        attempt, score=row["score"], passed=True, ended_at=row["corrected_at"]
    )
    return corrected, [link]


async def _facts(
    passed: Attempt, facts: CompletionFacts, corrections: list[EvidenceLink]
) -> RecordFacts:
    edition = await curriculum.edition(passed.edition)
    again = outcome.record_facts(passed, facts, edition, corrections)
    sha256 = await curriculum.published_sha256(passed.edition)
    return msgspec.structs.replace(again, edition_sha256=sha256)


async def _earning(
    passed: Attempt,
    counted: list[CountedRow] | tuple[CountedRow, ...],
    presence: tuple[CheckedPresence, ...],
    at: datetime,
) -> Earning:
    rows = await connection().fetch(
        _ATTEMPTS, passed.learner_id, passed.enrolment_id, passed.number
    )
    hours = tuple(_hours(row) for row in sorted(counted, key=lambda row: row.id))
    return Earning(
        enrolment=passed.enrolment_id,
        at=at.isoformat(),
        hours=hours,
        seconds_by_source=sums_by_source(hours),
        presence=tuple(
            LessonPresence(lesson=one.lesson, passed=one.passed, missed=one.missed)
            for one in presence
        ),
        attempts=tuple(CountedAttempt(**row) for row in rows),
    )


def _hours(row: CountedRow) -> CountedHours:
    return CountedHours(
        entry=row.id,
        ref=row.ref,
        module=row.module,
        source=row.source,
        kind=row.kind,
        seconds=row.seconds,
        evidence_sha256=row.evidence_sha256,
    )
