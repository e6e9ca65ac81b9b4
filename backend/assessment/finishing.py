"""The end of an attempt: marked once, with the evidence; a pass brings the record at once.

Whoever calls has locked the attempt's row and found it open.
"""

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec

from backend.assessment import outcome, repository
from backend.assessment.domain import SWEEP_AFTER, Answers, State, grade, is_over
from backend.assessment.repository import Attempt
from backend.curriculum import service as curriculum
from backend.progress import service as progress
from backend.records import service as records
from infra.database import UnitOfWork
from infra.engine import DB


async def finish(mine: Attempt, state: State, ended_at: datetime, now: datetime) -> Attempt:
    """Marks what is saved, in the caller's unit of work."""
    ended = msgspec.structs.replace(mine, state=state, ended_at=ended_at)
    answers = {one.item_id: one.answer for one in await repository.kept_answers(mine)}
    marked = marked_by_machine(ended, answers)
    await repository.close(marked)
    if marked.passed:
        await bring_record(marked, now)
    return marked


def marked_by_machine(ended: Attempt, answers: Answers) -> Attempt:
    mark = grade(ended.criterion, answers)
    marked = msgspec.structs.replace(ended, score=mark.score, passed=mark.passed)
    evidence = outcome.evidence_of(marked, answers, mark)
    return msgspec.structs.replace(
        marked, evidence=evidence, evidence_sha256=hashlib.sha256(evidence).hexdigest()
    )


async def bring_record(passed: Attempt, now: datetime) -> None:
    """In the caller's unit of work."""
    facts = await progress.completion_facts(passed.enrolment_id, passed.learner_id, now=now)
    if facts.hours_met:
        edition = await curriculum.edition(passed.edition)
        await records.request_record(outcome.record_facts(passed, facts, edition), now)


async def finish_if_over(attempt_id: UUID, learner_id: UUID, *, now: datetime) -> Attempt:
    """Locked, in the caller's unit of work; handed in for the learner where time has run out."""
    mine = await repository.lock_attempt(attempt_id, learner_id=learner_id)
    if mine.state is State.OPEN and is_over(mine.due_at, now=now):
        return await finish(mine, State.EXPIRED, mine.due_at, now)
    return mine


async def finish_overdue(*, limit: int, now: datetime) -> int:
    """Those that nobody has looked at since, oldest first, each in a transaction of its own."""
    done = 0
    for attempt_id, learner_id in await repository.overdue(before=now - SWEEP_AFTER, limit=limit):
        async with UnitOfWork(DB):
            await finish_if_over(attempt_id, learner_id, now=now)
        done += 1
    return done
