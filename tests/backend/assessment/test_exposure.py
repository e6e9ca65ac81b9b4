"""What has been seen rests, and every paper can be drawn again from what is kept of it."""

import json
from typing import Any

from backend.assessment.criteria import criterion_from
from backend.assessment.domain import Criterion, Drawn
from backend.assessment.exposure.service import count_anew, counts, standing_of
from backend.assessment.exposure.tables import PaperDrawn
from backend.assessment.papers import criterion_of
from backend.assessment.privacy_facts import erase_person
from backend.assessment.tables import ExamAttempt
from courses.format import Edition
from infra.database import UnitOfWork
from infra.engine import DB
from tests.backend.assessment.sitting import Examinee


async def papers() -> list[tuple[bytes, Criterion]]:
    """Seed and criterion of each attempt, oldest first."""
    rows: list[dict[str, Any]] = await ExamAttempt.select(
        ExamAttempt.seed, ExamAttempt.criterion
    ).order_by(ExamAttempt.started_at)
    return [
        (bytes(row["seed"]), criterion_from(json.loads(bytes(row["criterion"])))) for row in rows
    ]


async def test_a_second_paper_shows_new_items_and_each_can_be_drawn_again(
    examinee: Examinee, edition: Edition
) -> None:
    first = await examinee.start()
    await examinee.submit(first, {})
    assert await count_anew(examinee.clock()) == [edition.code]
    assert await count_anew(examinee.clock()) == []
    examinee.clock.advance(24 * 3600)
    second = await examinee.start()
    had = {item["id"] for item in first["items"]}
    assert not had & {item["id"] for item in second["items"]}

    (_, before), (_, after) = kept = await papers()
    assert before.drawn == Drawn(method="sha256-counter/1")
    assert isinstance(after.drawn, Drawn)
    assert after.drawn.by_learner == dict.fromkeys(had, 1)
    async with UnitOfWork(DB):
        assert await counts(after.drawn.lately_sha256) == dict.fromkeys(had, 1)
        for seed, criterion in kept:
            assert isinstance(criterion.drawn, Drawn)
            standing = await standing_of(criterion.drawn)
            demo = edition.programme("DEMO")
            assert criterion_of(edition, demo, seed, standing) == criterion


async def test_a_count_ends_after_thirty_days_and_what_a_person_had_with_the_person(
    examinee: Examinee,
) -> None:
    await examinee.start()
    examinee.clock.advance(31 * 24 * 3600)
    assert await count_anew(examinee.clock()) == []
    assert await PaperDrawn.count() == 1
    await erase_person(examinee.learner.person.id, now=examinee.clock())
    assert await PaperDrawn.count() == 0
