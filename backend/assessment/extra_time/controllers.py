from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.assessment.extra_time import service
from backend.assessment.extra_time.schemas import ExtraTimeList, ExtraTimeRequest, ExtraTimeView
from infra.vault import Vault

_PATH = "/v1/learners/{learner_id:uuid}/extra-time"


@post(
    _PATH,
    operation_id="DecideExtraTime",
    summary="Give a learner more time in exams, with the reason; or end it",
    guards=[requires(Role.ADMINISTRATOR, whose="anyone's but their own")],
    tags=["assessment"],
)
async def decide(
    learner_id: FromPath[UUID],
    data: JSONBody[ExtraTimeRequest],
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> ExtraTimeView:
    return await service.decide(vault, learner_id, data, caller=caller.person_id, now=now)


@get(
    _PATH,
    operation_id="ListExtraTime",
    summary="What was decided about a learner's time in exams, without the reasons",
    guards=[requires(Role.ADMINISTRATOR, whose="any, logged")],
    tags=["assessment"],
)
async def decisions(
    learner_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> ExtraTimeList:
    return await service.decisions(learner_id, caller=caller.person_id, now=now)


ROUTES: list[Any] = [decide, decisions]
