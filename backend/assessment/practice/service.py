"""Practising: each answer is told about at once, and nothing of it counts."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from backend.assessment.domain import UnfitAnswer, refusal
from backend.assessment.papers import new_seed
from backend.assessment.practice import repository
from backend.assessment.practice.domain import NoSuchPracticeItem, draw, told
from backend.assessment.practice.repository import Practice
from backend.assessment.practice.schemas import PracticeFeedback, PracticeView
from backend.curriculum import service as curriculum
from backend.progress import service as progress
from courses.blueprint import blueprint_of
from courses.items.answers import Answer, settled
from courses.items.shown import shown
from courses.programmes import bank_of
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7


async def start(learner_id: UUID, enrolment_id: UUID, *, count: int, now: datetime) -> PracticeView:
    """A new paper. No hours are asked for: practice is for learning."""
    async with UnitOfWork(DB):
        edition_code, programme_code = await progress.learns(enrolment_id, learner_id)
        edition = await curriculum.edition(edition_code)
        programme = edition.programme(programme_code)
        rules = blueprint_of(edition, programme).marking_rules
        paper = draw(bank_of(edition, programme), rules, count, new_seed())
        mine = Practice(
            id=uuid7(),
            learner_id=learner_id,
            enrolment_id=enrolment_id,
            paper=paper,
            started_at=now,
        )
        await repository.add(mine)
    return _view(mine, {})


async def practice(practice_id: UUID, learner_id: UUID) -> PracticeView:
    async with UnitOfWork(DB):
        mine = await repository.practice(practice_id, learner_id=learner_id)
        answers = await repository.answers(mine)
    return _view(mine, answers)


async def answer(
    practice_id: UUID, learner_id: UUID, position: int, given: Answer, *, now: datetime
) -> PracticeFeedback:
    """What was right and why. Answered again, it is told about the first answer."""
    async with UnitOfWork(DB):
        mine = await repository.practice(practice_id, learner_id=learner_id)
        if position > len(mine.paper.items):
            raise NoSuchPracticeItem
        one = mine.paper.items[position - 1]
        if why := refusal(one.item, given):
            raise UnfitAnswer(why.en, zh=why.zh, fields={"answer": why.flaw})
        points = Decimal(str(told(one, given, mine.paper.rules).points))
        await repository.answer_once(mine, position, settled(given), points, now=now)
        answers = await repository.answers(mine)
    return _told(mine, position, answers[position])


def _told(mine: Practice, position: int, given: Answer) -> PracticeFeedback:
    found = told(mine.paper.items[position - 1], given, mine.paper.rules)
    return PracticeFeedback(position, given, found)


def _view(mine: Practice, answers: dict[int, Answer]) -> PracticeView:
    items = [one.item for one in mine.paper.items]
    return PracticeView(
        id=mine.id,
        enrolment_id=mine.enrolment_id,
        started_at=mine.started_at,
        items=[shown(one.id, one.stem, one.interaction, one.points) for one in items],
        answered=[_told(mine, position, given) for position, given in answers.items()],
    )
