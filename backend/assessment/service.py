"""Taking an exam. Whoever changes an attempt has locked its row, so a repeat finds it done."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend.assessment import outcome, repository
from backend.assessment.criteria import frozen
from backend.assessment.domain import (
    Answers,
    AttemptClosed,
    ExamNotOpen,
    State,
    TimeIsUp,
    check_answers,
    check_markable,
    check_may_start,
    grade,
    is_over,
)
from backend.assessment.papers import criterion_of, new_seed
from backend.assessment.repository import Attempt
from backend.assessment.schemas import AnswerSaved, AttemptView, Result
from backend.assessment.views import result_of, view_of
from backend.curriculum import service as curriculum
from backend.progress import service as progress
from backend.progress.domain import CompletionFacts
from backend.records import service as records
from courses.items.answers import Answer, settled
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7


async def start(learner_id: UUID, enrolment_id: UUID, *, now: datetime) -> tuple[AttemptView, bool]:
    """A new attempt, or the one still open, and whether it is new."""
    await _close_overdue(learner_id, enrolment_id, now)
    async with UnitOfWork(DB):
        facts = await progress.completion_facts(enrolment_id, learner_id, now=now)
        attempts = await repository.attempts(enrolment_id, learner_id=learner_id)
        new = not any(attempt.state is State.OPEN for attempt in attempts)
        if new:
            check_may_start(repository.past(attempts), now=now)
            attempt = await _begin(learner_id, enrolment_id, facts, len(attempts) + 1, now)
            new = await repository.add(attempt)
        attempt = (await repository.attempts(enrolment_id, learner_id=learner_id))[-1]
        answers = await repository.saved_answers(attempt)
    return view_of(attempt, answers, now), new


async def _begin(
    learner_id: UUID, enrolment_id: UUID, facts: CompletionFacts, number: int, now: datetime
) -> Attempt:
    if facts.missing is not None:
        raise ExamNotOpen(facts.missing.en, zh=facts.missing.zh)
    edition, seed = await curriculum.edition(facts.edition), new_seed()
    programme = edition.programme(facts.programme)
    criterion = criterion_of(edition, programme, seed)
    check_markable(criterion)
    return Attempt(
        id=uuid7(),
        learner_id=learner_id,
        enrolment_id=enrolment_id,
        number=number,
        exam_code=programme.exam,
        programme_code=programme.code,
        edition=facts.edition,
        edition_sha256=facts.edition_sha256,
        seed=seed,
        criterion=criterion,
        criterion_sha256=hashlib.sha256(frozen(criterion)).hexdigest(),
        started_at=now,
        due_at=now + timedelta(minutes=edition.exam(programme.exam).minutes),
    )


async def attempt(attempt_id: UUID, learner_id: UUID, *, now: datetime) -> AttemptView:
    """The attempt as far as it is; one whose time ran out meanwhile is graded first."""
    async with UnitOfWork(DB):
        mine = await _in_time(attempt_id, learner_id, now)
        answers = await repository.saved_answers(mine)
    return view_of(mine, answers, now)


async def save_answer(
    attempt_id: UUID, item_id: str, answer: Answer, *, learner_id: UUID, now: datetime
) -> AnswerSaved:
    """Keep an answer against whatever may happen; again changes nothing. An empty one clears."""
    async with UnitOfWork(DB):
        mine = await _in_time(attempt_id, learner_id, now)
        if mine.state is State.OPEN:
            check_answers(mine.criterion, {item_id: answer})
            await repository.save_answers(mine, {item_id: settled(answer)}, now=now)
    _refuse_if_expired(mine)
    if mine.state is State.SUBMITTED:
        raise AttemptClosed
    return AnswerSaved(item_id, settled(answer), now)


async def submit(attempt_id: UUID, answers: Answers, *, learner_id: UUID, now: datetime) -> Result:
    """Hand in; a repeat gives the same answer. TimeIsUp once the saved answers were graded."""
    async with UnitOfWork(DB):
        mine = await _in_time(attempt_id, learner_id, now)
        if mine.state is State.OPEN:
            check_answers(mine.criterion, answers)
            kept = {item_id: settled(answer) for item_id, answer in answers.items()}
            await repository.save_answers(mine, kept, now=now)
            mine = await _finish(mine, State.SUBMITTED, now, now)
    _refuse_if_expired(mine)
    return result_of(mine)


def _refuse_if_expired(mine: Attempt) -> None:
    """Outside the transaction: what it graded stays."""
    if mine.state is State.EXPIRED:
        raise TimeIsUp(
            f"The time is up. What was saved in time has been graded: {mine.score} points.",
            zh=f"考试时间已到，已按时保存的答案均已计分：{mine.score} 分。",
        )


async def _in_time(attempt_id: UUID, learner_id: UUID, now: datetime) -> Attempt:
    """The attempt, locked; closed and graded if it is open beyond its time."""
    mine = await repository.lock_attempt(attempt_id, learner_id=learner_id)
    if mine.state is State.OPEN and is_over(mine.due_at, now=now):
        return await _finish(mine, State.EXPIRED, mine.due_at, now)
    return mine


async def _close_overdue(learner_id: UUID, enrolment_id: UUID, now: datetime) -> None:
    """In a transaction of its own: a refusal to start again must not undo it."""
    async with UnitOfWork(DB):
        for mine in await repository.attempts(enrolment_id, learner_id=learner_id):
            if mine.state is State.OPEN and is_over(mine.due_at, now=now):
                await _finish(mine, State.EXPIRED, mine.due_at, now)


async def _finish(mine: Attempt, state: State, ended_at: datetime, now: datetime) -> Attempt:
    """Grade what is saved, once; a pass brings the record in the same transaction."""
    answers = await repository.saved_answers(mine)
    mark = grade(mine.criterion, answers)
    ended = msgspec.structs.replace(
        mine, state=state, ended_at=ended_at, score=mark.score, passed=mark.passed
    )
    evidence = outcome.evidence_of(ended, answers, mark)
    sha256 = hashlib.sha256(evidence).hexdigest()
    await repository.close(ended, evidence, sha256)
    if mark.passed:
        facts = await progress.completion_facts(mine.enrolment_id, mine.learner_id, now=now)
        if facts.hours_met:
            edition = await curriculum.edition(mine.edition)
            record = outcome.record_facts(ended, mark, sha256, facts, edition)
            await records.request_record(record, now)
    return ended
