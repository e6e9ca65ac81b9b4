"""Rows of remedies and corrections, and the attempts that a faulty item was part of."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from backend.assessment.criteria import answer_from, thawed
from backend.assessment.domain import MarkedByPeople, PaperItem
from backend.assessment.marking.remedies.domain import (
    Effect,
    Faulty,
    NoSuchRemedy,
    RemedyKind,
    RemedyState,
    Sat,
)
from backend.assessment.marking.tables import AttemptCorrection, ItemRemedy
from backend.records.domain import EvidenceLink
from courses.items.interactions import Interaction
from infra.database import connection
from infra.ids import uuid7

_PAGE = 200
_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)
_LOCK = 7_021_455_902_117_329


class RemedyRow(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    item_id: str
    item_sha256: str
    kind: RemedyKind
    corrected: bytes | None
    reason: str
    state: RemedyState
    proposed_by: UUID | None
    proposed_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    decided_because: str | None
    preview_sha256: str | None
    attempts: int | None

    @property
    def faulty(self) -> Faulty:
        return Faulty(
            item_id=self.item_id,
            item_sha256=self.item_sha256,
            kind=self.kind,
            corrected=_interaction(self.corrected),
        )


class CorrectionRow(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    before: Decimal
    score: Decimal
    passed_before: bool
    passed: bool
    corrected_at: datetime


def _interaction(corrected: bytes | None) -> Interaction | None:
    if corrected is None:
        return None
    found: Interaction = msgspec.json.decode(corrected, type=Interaction)
    return found


class PassingCorrection(msgspec.Struct, frozen=True, kw_only=True):
    """The first that made a pass of an attempt."""

    score: Decimal
    corrected_at: datetime
    link: EvidenceLink


_PASSING = """
SELECT id, score, corrected_at, encode(sha256(evidence), 'hex') AS sha256
FROM attempt_correction WHERE attempt_id = $1 AND passed ORDER BY number LIMIT 1
"""


async def passing(attempt_id: UUID) -> PassingCorrection | None:
    row = await connection().fetchrow(_PASSING, attempt_id)
    if row is None:
        return None
    link = EvidenceLink(kind="exam-correction", ref=str(row["id"]), sha256=row["sha256"])
    return PassingCorrection(score=row["score"], corrected_at=row["corrected_at"], link=link)


_REMEDY = [getattr(ItemRemedy, name) for name in RemedyRow.__struct_fields__]


async def add(faulty: Faulty, reason: str, *, by: UUID | None, now: datetime) -> UUID:
    corrected = faulty.corrected
    row = ItemRemedy(
        id=uuid7(),
        item_id=faulty.item_id,
        item_sha256=faulty.item_sha256,
        kind=faulty.kind,
        corrected=msgspec.json.encode(corrected) if corrected is not None else None,
        reason=reason,
        state=RemedyState.PROPOSED,
        proposed_by=by,
        proposed_at=now,
    )
    await ItemRemedy.insert(row)
    return row.id


async def remedy(remedy_id: UUID, *, lock: bool = False) -> RemedyRow:
    query = ItemRemedy.select(*_REMEDY).where(ItemRemedy.id == remedy_id).first()
    row = await (query.lock_rows("NO KEY UPDATE") if lock else query)
    if row is None:
        raise NoSuchRemedy
    return msgspec.convert(row, RemedyRow)


async def page(*, before: UUID | None, limit: int) -> list[RemedyRow]:
    """Newest first."""
    query = ItemRemedy.select(*_REMEDY).order_by(ItemRemedy.id, ascending=False).limit(limit)
    rows = await (query.where(ItemRemedy.id < before) if before else query)
    return msgspec.convert(rows, list[RemedyRow])


async def hold_decisions() -> None:
    """One decision at a time; who finishes an attempt meanwhile waits until it is committed, so
    that an attempt meets each remedy here or there, and never in both places or in neither."""
    await connection().execute("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def wait_for_decisions() -> None:
    await connection().execute("SELECT pg_advisory_xact_lock_shared($1)", _LOCK)


_APPLIED = f"""
SELECT {", ".join(f"r.{name}" for name in RemedyRow.__struct_fields__)}
FROM item_remedy r, (SELECT {{}}::text AS state, {{}}::text[] AS ids) AS asked
WHERE r.state = asked.state AND (asked.ids IS NULL OR r.item_id = ANY(asked.ids))
ORDER BY r.decided_at, r.id
"""


async def applied(item_ids: Collection[str] | None = None) -> list[RemedyRow]:
    """Oldest first; of all items where none are named."""
    asked = None if item_ids is None else list(item_ids)
    rows = await ItemRemedy.raw(_APPLIED, RemedyState.APPLIED.value, asked)
    return msgspec.convert(rows, list[RemedyRow])


async def decide(
    remedy_id: UUID,
    state: RemedyState,
    because: str,
    *,
    preview_sha256: str | None,
    attempts: int | None,
    by: UUID,
    now: datetime,
) -> None:
    await ItemRemedy.update(
        {
            ItemRemedy.state: state,
            ItemRemedy.decided_because: because,
            ItemRemedy.decided_by: by,
            ItemRemedy.decided_at: now,
            ItemRemedy.preview_sha256: preview_sha256,
            ItemRemedy.attempts: attempts,
        }
    ).where(ItemRemedy.id == remedy_id)


# --- attempts -----------------------------------------------------------------------------------

_SAT = """
SELECT a.id, a.learner_id, a.programme_code, a.edition, a.criterion, a.evidence,
    coalesce(c.score, a.score) AS score, coalesce(c.passed, a.passed) AS passed
FROM exam_attempt a LEFT JOIN LATERAL (
    SELECT score, passed FROM attempt_correction WHERE attempt_id = a.id
    ORDER BY number DESC LIMIT 1) c ON true
WHERE a.score IS NOT NULL AND {which} ORDER BY a.id LIMIT $2
"""
_WITH_ITEM = _SAT.format(which="a.id > $1 AND position($3::bytea IN a.criterion) > 0")
_ONE = _SAT.format(which="a.id = $1")


class _Evidence(msgspec.Struct):
    answers: dict[str, Any]
    essays: tuple[MarkedByPeople, ...] = ()


async def sat_with(item_id: str, item_sha256: str) -> AsyncIterator[Sat]:
    """Every marked attempt whose paper has the item in this version, oldest first. Reads the table
    through: nobody does this often."""
    last, named = _FIRST, msgspec.json.encode(item_id)
    while rows := await connection().fetch(_WITH_ITEM, last, _PAGE, named):
        for row in rows:
            sat = _sat(row)
            if any((i.id, i.sha256) == (item_id, item_sha256) for i in sat.criterion.items):
                yield sat
        last = rows[-1]["id"]


async def sat(attempt_id: UUID) -> Sat:
    """Of a marked attempt."""
    return _sat((await connection().fetch(_ONE, attempt_id, 1))[0])


def _sat(row: Any) -> Sat:
    evidence = msgspec.json.decode(row["evidence"], type=_Evidence)
    return Sat(
        attempt_id=row["id"],
        learner_id=row["learner_id"],
        programme=row["programme_code"],
        edition=row["edition"],
        criterion=thawed(row["criterion"]),
        answers={item: answer_from(given) for item, given in evidence.answers.items()},
        essays=evidence.essays,
        score=row["score"],
        passed=row["passed"],
    )


_VERSIONS = """
SELECT id, criterion FROM exam_attempt
WHERE id < $1 AND position($2::bytea IN criterion) > 0 ORDER BY id DESC LIMIT $3
"""


async def item_on_papers(item_id: str, version: int) -> PaperItem | None:
    """A version, as the newest paper with it has it: that may be an old one."""
    last, named = _LAST, msgspec.json.encode(item_id)
    while rows := await connection().fetch(_VERSIONS, last, named, _PAGE):
        for row in rows:
            for item in thawed(row["criterion"]).items:
                if (item.id, item.version) == (item_id, version):
                    return item
        last = rows[-1]["id"]
    return None


# --- corrections --------------------------------------------------------------------------------

_NEXT = "SELECT coalesce(max(number), 0) + 1 FROM attempt_correction WHERE attempt_id = $1"


async def correct(
    effect: Effect, remedy_id: UUID, evidence: bytes, sha256: str, *, now: datetime
) -> UUID:
    number = await connection().fetchval(_NEXT, effect.attempt_id)
    row = AttemptCorrection(
        id=uuid7(),
        learner_id=effect.learner_id,
        attempt_id=effect.attempt_id,
        remedy=remedy_id,
        number=number,
        before=effect.before,
        mended=effect.mended,
        score=effect.after,
        passed_before=effect.passed_before,
        passed=effect.passed,
        evidence=evidence,
        evidence_sha256=sha256,
        corrected_at=now,
    )
    await AttemptCorrection.insert(row)
    return row.id


async def corrections_of(attempt_id: UUID, *, learner_id: UUID) -> list[CorrectionRow]:
    columns = [getattr(AttemptCorrection, name) for name in CorrectionRow.__struct_fields__]
    rows = await (
        AttemptCorrection.select(*columns)
        .where(
            AttemptCorrection.attempt_id == attempt_id, AttemptCorrection.learner_id == learner_id
        )
        .order_by(AttemptCorrection.number)
    )
    return msgspec.convert(rows, list[CorrectionRow])


def changed(effects: Sequence[Effect]) -> list[Effect]:
    return [one for one in effects if one.changes]
