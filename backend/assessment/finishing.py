"""The end of an attempt: marked once, with the evidence; a pass brings the record at once.

Whoever calls has locked the attempt's row and found it open.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from backend.assessment import outcome, repository
from backend.assessment.domain import (
    SWEEP_AFTER,
    Answers,
    MarkedByPeople,
    State,
    grade,
    is_over,
)
from backend.assessment.marking.domain import essays_of
from backend.assessment.marking.remedies.effects import correct_if_remedied
from backend.assessment.marking.remedies.repository import wait_for_decisions
from backend.assessment.marking.repository import open_essays
from backend.assessment.recording import bring_record
from backend.assessment.repository import Attempt
from infra.database import UnitOfWork
from infra.engine import DB
from infra.outage import AWAY

_log = structlog.get_logger(__name__)


async def finish(mine: Attempt, state: State, ended_at: datetime, now: datetime) -> Attempt:
    """Marks what is saved, in the caller's unit of work; essays go to the people who mark them."""
    ended = msgspec.structs.replace(mine, state=state, ended_at=ended_at)
    answers = await _given(mine)
    if essays := list(essays_of(mine.criterion, answers)):
        await repository.close(ended)
        apart = mine.criterion.rules.third_marker_percent
        await open_essays(ended.learner_id, ended.id, essays, apart_percent=apart, now=now)
        return ended
    return await _settle(ended, answers, (), now)


async def settle(ended: Attempt, essays: Sequence[MarkedByPeople], *, now: datetime) -> Attempt:
    """Of an attempt with essays, when all of them are marked."""
    return await _settle(ended, await _given(ended), essays, now)


async def _given(mine: Attempt) -> Answers:
    return {one.item_id: one.answer for one in await repository.kept_answers(mine)}


async def _settle(
    ended: Attempt, answers: Answers, essays: Sequence[MarkedByPeople], now: datetime
) -> Attempt:
    await wait_for_decisions()  # before the record's row, which a decision may be writing
    marked = marked_with(ended, answers, essays)
    await repository.close(marked)
    if marked.passed:
        await bring_record(marked, now)
    return await correct_if_remedied(marked, now=now)


def marked_with(ended: Attempt, answers: Answers, essays: Sequence[MarkedByPeople]) -> Attempt:
    mark = grade(ended.criterion, answers, essays)
    marked = msgspec.structs.replace(ended, score=mark.score, passed=mark.passed)
    evidence = outcome.evidence_of(marked, answers, mark, essays)
    return msgspec.structs.replace(
        marked, evidence=evidence, evidence_sha256=hashlib.sha256(evidence).hexdigest()
    )


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
        try:
            async with UnitOfWork(DB):
                await finish_if_over(attempt_id, learner_id, now=now)
        except AWAY:
            raise
        except Exception:  # one that cannot be marked must not keep the others waiting
            _log.exception("exam not handed in", attempt=str(attempt_id))
            continue
        done += 1
    return done
