"""A pass brings the record, with the act that made it one."""

from collections.abc import Sequence
from datetime import datetime

from backend.assessment import outcome, repository
from backend.assessment.earning import earning_of
from backend.assessment.repository import Attempt
from backend.curriculum import service as curriculum
from backend.progress import service as progress
from backend.records import service as records
from backend.records.domain import EvidenceLink


async def bring_record(
    passed: Attempt, now: datetime, *, corrections: Sequence[EvidenceLink] = ()
) -> None:
    """In the caller's unit of work. `corrections`: by which the attempt passed later. Where hours
    were taken back since the exam began, the record is owed until they are met again."""
    facts = await progress.completion_facts(passed.enrolment_id, passed.learner_id, now=now)
    if not facts.hours_met:
        await repository.owe_record(passed, now=now)
        return
    edition = await curriculum.edition(passed.edition)
    await records.request_record(
        outcome.record_facts(passed, facts, edition, corrections),
        now,
        earning=await earning_of(passed, facts, now=now),
    )
