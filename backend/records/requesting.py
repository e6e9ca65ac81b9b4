"""Asking for a record, in the transaction of the act that earned it."""

from datetime import datetime

from backend.records.domain import RecordFacts
from backend.records.drafting import frozen
from backend.records.evidence.domain import Earning
from backend.records.tables import DueRecord
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.queue import enqueue

ISSUE = "records.issue"


async def request_record(
    facts: RecordFacts, now: datetime, *, earning: Earning | None = None, because: str | None = None
) -> bool:
    """Store a due record and its job with the act that earned it; a second time, nothing: neither
    for the same edition nor, of a yearly programme, for the same year. In another round it is
    another record.

    `because`: of a correction, why it takes the place of the revision before.
    """
    due = DueRecord(
        id=uuid7(),
        learner_id=facts.learner_id,
        programme=facts.programme_code,
        edition=facts.edition,
        revision=facts.revision,
        period=facts.period,
        round=facts.round,
        facts=frozen(facts),
        earning=frozen(earning) if earning else None,
        demonstration=facts.demonstration,
        state="due",
        requested_at=now,
        because=because,
    )
    async with UnitOfWork(DB):
        made = await DueRecord.insert(due).on_conflict(action="DO NOTHING")
        if made:
            await enqueue(ISSUE, {"due_id": str(due.id)})
    return bool(made)
