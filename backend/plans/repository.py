from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from backend.plans.domain import DUE_IN, TOLD_LATE_UP_TO
from backend.plans.tables import LearningPlan, ReminderRound


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


async def drop(learner_id: UUID, enrolment_ids: Sequence[UUID]) -> None:
    row = LearningPlan
    if enrolment_ids:
        await row.delete().where(
            row.learner_id == learner_id, row.enrolment_id.is_in(list(enrolment_ids))
        )


async def forget(learner_id: UUID) -> None:
    await LearningPlan.delete().where(LearningPlan.learner_id == learner_id)


# --- reminders --------------------------------------------------------------------------------


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    enrolment_id: UUID
    learner_id: UUID
    finish_by: date
    set_at: datetime


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """How far a list of people is gone through on a day; `after` None: to its end."""

    list_id: UUID
    day: date
    after: UUID | None
    seen: str


async def plans_due(today: date, *, after: UUID, limit: int) -> list[Plan]:
    """Those whose day is near or not long over, in the order of their enrolments."""
    row = LearningPlan
    rows = (
        await row.select()
        .where(
            row.enrolment_id > after,
            row.finish_by >= today - TOLD_LATE_UP_TO,
            row.finish_by <= today + timedelta(days=max(DUE_IN)),
        )
        .order_by(row.enrolment_id)
        .limit(limit)
    )
    return msgspec.convert(rows, list[Plan])


async def rounds(list_ids: Sequence[UUID]) -> dict[UUID, Round]:
    row = ReminderRound
    rows = await row.select(row.list_id, row.day, row.after, row.seen).where(
        row.list_id.is_in(list(list_ids))
    )
    return {one["list_id"]: msgspec.convert(one, Round) for one in rows}


async def keep_round(found: Round, *, now: datetime) -> None:
    row = ReminderRound
    await row.insert(row(**msgspec.structs.asdict(found), began_at=now)).on_conflict(
        target=row.list_id,
        action="DO UPDATE",
        values=[row.day, row.after, row.seen, row.began_at],
    )
