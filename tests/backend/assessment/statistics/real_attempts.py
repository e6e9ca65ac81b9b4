"""Attempts as exams leave them, of people whose ability is known, written by the thousand."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import numpy as np

from backend.assessment.criteria import frozen
from backend.assessment.domain import Criterion, PaperItem, State, grade
from backend.assessment.outcome import evidence_of
from backend.assessment.repository import Attempt
from courses.items.answers import Answer, Picked
from courses.items.interactions import Choice, Single
from courses.items.marking_rules import MarkingRules
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.ids import uuid7
from tests.backend.assessment.statistics.simulated import OPTIONS

_ATTEMPTS = """
INSERT INTO exam_attempt (id, learner_id, enrolment_id, number, exam_code, programme_code, edition,
    edition_sha256, seed, criterion, criterion_sha256, extra_minutes, started_at, due_at, sitting,
    state, ended_at, score, passed, evidence, evidence_sha256)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::text[],
    $7::text[], $8::text[], $9::bytea[], $10::bytea[], $11::text[], $12::int[], $13::timestamptz[],
    $14::timestamptz[], $15::int[], $16::text[], $17::timestamptz[], $18::numeric[], $19::bool[],
    $20::bytea[], $21::text[])
"""
_SITTINGS = """
INSERT INTO attempt_sitting (id, learner_id, attempt_id, number, device_id, begun_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::uuid[], $6::timestamptz[])
"""
_ANSWERS = """
INSERT INTO attempt_answer (id, learner_id, attempt_id, item_id, picked, sequence, spent_ms,
    saved_at)
SELECT id, learner, attempt, item, picked::jsonb, sequence, spent, saved
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::int[],
    $8::timestamptz[]) AS n(id, learner, attempt, item, picked, sequence, spent, saved)
"""


class Given(msgspec.Struct, frozen=True):
    item: str
    picked: str
    seconds: float


class SatExam(msgspec.Struct, kw_only=True):
    """One person's exam: what was picked on which items, and how long it took."""

    exam: str
    edition: str
    started_at: datetime
    given: list[Given]
    device: UUID | None = None
    number: int = 1
    learner: UUID = msgspec.field(default_factory=uuid7)
    id: UUID = msgspec.field(default_factory=uuid7)


def paper_item(code: str, key: str, points: int = 2) -> PaperItem:
    texts = (f"{code}：要求{option}" for option in OPTIONS)
    asked = Single(
        options=tuple(
            Choice(id=option, text=text) for option, text in zip(OPTIONS, texts, strict=True)
        ),
        key=(key,),
    )
    stem = f"关于 GB/T 29490-2023 的要求（{code}），下列说法正确的是？"
    return PaperItem(id=code, stem=stem, interaction=asked, points=Decimal(points))


class Bank:
    """Items of the two-parameter model, and what people of an ability pick."""

    def __init__(self, name: str, size: int, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        self.codes = [f"{name}-{n:03}" for n in range(size)]
        self.keys = dict(zip(self.codes, rng.choice(list(OPTIONS), size).tolist(), strict=True))
        self.slope = rng.lognormal(0, 0.3, size)
        self.difficulty = rng.normal(-0.7, 0.8, size)
        self.miskeyed: dict[str, str] = {}
        """By code, the option that is right in truth."""

    def answers(
        self, ability: float, codes: Sequence[str], rng: np.random.Generator
    ) -> list[Given]:
        return [self._answer(ability, code, rng) for code in codes]

    def _answer(self, ability: float, code: str, rng: np.random.Generator) -> Given:
        n = self.codes.index(code)
        right = rng.random() < 1 / (1 + np.exp(-self.slope[n] * (ability - self.difficulty[n])))
        truth = OPTIONS.index(self.miskeyed.get(code, self.keys[code]))
        wrong = (truth + 1 + int(rng.choice(3, p=(0.6, 0.3, 0.1)))) % 4
        return Given(code, OPTIONS[truth if right else wrong], float(rng.lognormal(3.3, 0.5)))

    def criterion(self, codes: Sequence[str]) -> Criterion:
        items = tuple(paper_item(code, self.keys[code]) for code in codes)
        total = sum((item.points for item in items), Decimal(0))
        return Criterion(
            pass_mark=total * Decimal("0.6"),
            total_points=total,
            rules=MarkingRules(),
            items=items,
        )


def an_exam(
    bank: Bank, edition: str, people: int, start: datetime, *, exam: str = "E9", seed: int = 2
) -> list[SatExam]:
    """Everybody sits the whole bank, half a minute after one another."""
    rng = np.random.default_rng(seed)
    return [
        SatExam(
            exam=exam,
            edition=edition,
            started_at=start + timedelta(seconds=30 * n),
            given=bank.answers(float(rng.normal()), bank.codes, rng),
            device=uuid7(),
        )
        for n in range(people)
    ]


async def write(bank: Bank, exams: Sequence[SatExam], *, answers: bool = True) -> None:
    """As they are after they were handed in and marked; `answers`: also their autosaves."""
    async with UnitOfWork(DB):
        await connection().execute(*attempts(bank, exams))
        if answers:
            await connection().execute(*_sittings(exams))
            await connection().execute(*_answers(exams))


Statement = tuple[Any, ...]
"""SQL and its arguments."""


def attempts(bank: Bank, exams: Sequence[SatExam]) -> Statement:
    ended = [_ended(bank, one) for one in exams]
    columns: list[list[Any]] = [[getattr(one, name) for one in ended] for name in _NAMES]
    columns[_NAMES.index("criterion")] = [frozen(one.criterion) for one in ended]
    columns[_NAMES.index("state")] = [one.state.value for one in ended]
    return _ATTEMPTS, *columns


def _sittings(exams: Sequence[SatExam]) -> Statement:
    sat = [one for one in exams if one.device]
    return (
        _SITTINGS,
        [uuid7() for _ in sat],
        [one.learner for one in sat],
        [one.id for one in sat],
        [1] * len(sat),
        [one.device for one in sat],
        [one.started_at for one in sat],
    )


def _answers(exams: Sequence[SatExam]) -> Statement:
    rows = [row for one in exams for row in _saves(one)]
    return _ANSWERS, *map(list, zip(*rows, strict=True))


_NAMES = (
    *("id", "learner_id", "enrolment_id", "number", "exam_code", "programme_code", "edition"),
    *("edition_sha256", "seed", "criterion", "criterion_sha256", "extra_minutes", "started_at"),
    *("due_at", "sitting", "state", "ended_at", "score", "passed", "evidence", "evidence_sha256"),
)


def _ended(bank: Bank, one: SatExam) -> Attempt:
    criterion = bank.criterion([given.item for given in one.given])
    answers: dict[str, Answer] = {
        given.item: Picked(picked=(given.picked,)) for given in one.given if given.picked
    }
    mark = grade(criterion, answers)
    spent = timedelta(seconds=sum(given.seconds for given in one.given))
    ended = Attempt(
        id=one.id,
        learner_id=one.learner,
        enrolment_id=uuid7(),
        number=one.number,
        exam_code=one.exam,
        programme_code="DEMO",
        edition=one.edition,
        edition_sha256="0" * 64,
        seed=bytes(32),
        criterion=criterion,
        criterion_sha256=hashlib.sha256(frozen(criterion)).hexdigest(),
        started_at=one.started_at,
        due_at=one.started_at + timedelta(hours=2),
        state=State.SUBMITTED,
        ended_at=one.started_at + spent,
        score=mark.score,
        passed=mark.passed,
    )
    evidence = evidence_of(ended, answers, mark)
    return msgspec.structs.replace(
        ended, evidence=evidence, evidence_sha256=hashlib.sha256(evidence).hexdigest()
    )


def _saves(one: SatExam) -> list[tuple[object, ...]]:
    at, rows = one.started_at, list[tuple[object, ...]]()
    for place, given in enumerate(one.given):
        at += timedelta(seconds=given.seconds)
        picked = msgspec.json.encode(Picked(picked=(given.picked,))).decode()
        spent = int(1000 * given.seconds)
        rows.append(
            (uuid7(), one.learner, one.id, given.item, picked, 1_000_001 + place, spent, at)
        )
    return rows
