from datetime import date, datetime
from uuid import UUID

from backend.plans.tables import LearningPlan


async def plans_of(learner_id: UUID) -> dict[UUID, date]:
    """Enrolment -> the day the learner has set."""
    row = LearningPlan
    rows = await row.select(row.enrolment_id, row.finish_by).where(row.learner_id == learner_id)
    return {one["enrolment_id"]: one["finish_by"] for one in rows}


async def set_plan(
    learner_id: UUID, enrolment_id: UUID, finish_by: date | None, *, now: datetime
) -> None:
    row = LearningPlan
    if finish_by is None:
        await row.delete().where(row.enrolment_id == enrolment_id, row.learner_id == learner_id)
        return
    await row.insert(
        row(enrolment_id=enrolment_id, learner_id=learner_id, finish_by=finish_by, set_at=now)
    ).on_conflict(target=row.enrolment_id, action="DO UPDATE", values=[row.finish_by, row.set_at])


async def forget(learner_id: UUID) -> None:
    await LearningPlan.delete().where(LearningPlan.learner_id == learner_id)
