"""Records of passes whose hours were missing: brought as soon as the hours are met again.

Hours are taken back by corrections, which may come between an exam's start and its end, and be put
right later. Nobody could sit the exam again meanwhile: it is passed.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog

from backend.assessment import repository
from backend.assessment.marking.remedies.repository import passing, wait_for_decisions
from backend.assessment.recording import bring_record
from infra.database import UnitOfWork
from infra.engine import DB
from infra.outage import AWAY

LOOK_EVERY = timedelta(minutes=10)
AT_ONCE = 100
_log = structlog.get_logger(__name__)


async def look_at_owed(now: datetime) -> int:
    """How many were looked at; each in a transaction of its own."""
    done = 0
    for attempt_id, learner_id in await repository.owed(before=now - LOOK_EVERY, limit=AT_ONCE):
        try:
            async with UnitOfWork(DB):
                await _look(attempt_id, learner_id, now)
        except AWAY:
            raise
        except Exception:  # one must not keep the others waiting
            _log.exception("owed record not looked at", attempt=str(attempt_id))
            continue
        done += 1
    return done


async def _look(attempt_id: UUID, learner_id: UUID, now: datetime) -> None:
    await wait_for_decisions()
    mine = await repository.lock_attempt(attempt_id, learner_id=learner_id)
    await repository.owe_record(mine, now=None)
    if mine.passed:
        await bring_record(mine, now)
    elif corrected := await passing(attempt_id):
        passed = msgspec.structs.replace(
            mine, score=corrected.score, passed=True, ended_at=corrected.corrected_at
        )
        await bring_record(passed, now, corrections=[corrected.link])
