"""More time in exams, by an administrator's decision: why is sealed, that it was done is audited,
and the learner reads it among their own data."""

from datetime import datetime
from uuid import UUID

from backend.accounts import service as accounts
from backend.assessment.extra_time import repository
from backend.assessment.extra_time.schemas import ExtraTimeList, ExtraTimeRequest, ExtraTimeView
from backend.assessment.tables import ExtraTime
from infra.access_log import note_access
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.errors import Forbidden, NotFound
from infra.ids import uuid7
from infra.vault import Vault, place


class NoSuchLearner(NotFound):
    """There is no such person; look them up by phone or e-mail address first."""

    zh = "没有找到该人员，请先按手机号或邮箱查找。"


class OwnExtraTime(Forbidden):
    """Nobody decides about their own exam; ask another administrator."""

    zh = "不能为本人决定考试延时，请由其他管理员办理。"


async def decide(
    vault: Vault, learner_id: UUID, decision: ExtraTimeRequest, *, caller: UUID, now: datetime
) -> ExtraTimeView:
    if learner_id == caller:
        raise OwnExtraTime
    new = uuid7()
    async with UnitOfWork(DB):
        if not await accounts.names_of(vault, [learner_id]):
            raise NoSuchLearner
        await repository.add(
            ExtraTime(
                id=new,
                learner_id=learner_id,
                percent=decision.percent,
                reason_sealed=vault.seal(decision.reason, place(ExtraTime.reason_sealed, new)),
                valid_until=decision.valid_until,
                decided_by=caller,
                decided_at=now,
            )
        )
        until = decision.valid_until.isoformat() if decision.valid_until else None
        await record_act(
            "extra-time-decided",
            actor=caller,
            subject=f"person:{learner_id}",
            details={"decision": str(new), "percent": decision.percent, "validUntil": until},
            now=now,
        )
    return ExtraTimeView(new, decision.percent, decision.valid_until, now)


async def decisions(learner_id: UUID, *, caller: UUID, now: datetime) -> ExtraTimeList:
    """The learner can read who looked."""
    async with UnitOfWork(DB):
        found = await repository.decisions(learner_id)
        if found:
            await note_access(
                learner_id,
                actor_id=caller,
                actor_role="administrator",
                what="learning-records",
                purpose="办理考试延时 / deciding about time in exams",
                now=now,
            )
    return ExtraTimeList(found)
