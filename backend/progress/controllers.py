from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.progress import service
from backend.progress.heartbeat_openapi import OPENAPI_PATHS
from backend.progress.heartbeat_route import heartbeats
from backend.progress.schemas import (
    CheckAnswer,
    CheckRequest,
    EnrolmentList,
    EnrolmentRequest,
    EnrolmentScreen,
    PlaySessionOpened,
    PlaySessionRequest,
)
from infra.settings import Settings
from infra.vault import Vault

__all__ = ["OPENAPI_PATHS", "ROUTES"]

_LEARNER = [requires(Role.LEARNER)]


class EnrolmentController(Controller):
    path = "/v1/enrolments"
    guards = _LEARNER
    tags = ["progress"]  # noqa: RUF012  as Litestar declares it

    @post(operation_id="Enrol", summary="Enrol in a programme; again gives the same enrolment")
    async def enrol(
        self,
        data: JSONBody[EnrolmentRequest],
        caller: NamedDependency[Caller],
        settings: NamedDependency[Settings],
        now: NamedDependency[datetime],
    ) -> Response[EnrolmentScreen]:
        screen, new = await service.enrol(
            caller.person_id, data.programme, demo=settings.demo, now=now
        )
        return Response(screen, status_code=201 if new else 200)

    @get(operation_id="ListEnrolments", summary="My enrolments, newest first")
    async def enrolments(
        self, caller: NamedDependency[Caller], now: NamedDependency[datetime]
    ) -> EnrolmentList:
        return EnrolmentList(await service.enrolments(caller.person_id, now=now))

    @get("/{enrolment_id:uuid}", operation_id="GetEnrolment", summary="One enrolment's screen")
    async def enrolment(
        self,
        enrolment_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> EnrolmentScreen:
        return await service.enrolment(enrolment_id, caller.person_id, now=now)


@post(
    "/v1/play-sessions",
    operation_id="OpenPlaySession",
    summary="Open a lesson on this device; whichever was open elsewhere closes",
    guards=_LEARNER,
    tags=["progress"],
)
async def open_play_session(
    data: JSONBody[PlaySessionRequest],
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> PlaySessionOpened:
    return await service.open_play_session(
        caller.person_id, data.enrolment_id, data.lesson, vault=vault, now=now
    )


@post(
    "/v1/lessons/{code:str}/check",
    operation_id="AnswerLessonCheck",
    summary="Answer a lesson's check questions",
    guards=_LEARNER,
    tags=["progress"],
    status_code=200,
)
async def answer_check(
    code: FromPath[str],
    data: JSONBody[CheckRequest],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> CheckAnswer:
    return await service.answer_check(
        caller.person_id, data.enrolment_id, code, data.answers, now=now
    )


ROUTES: list[Any] = [EnrolmentController, open_play_session, answer_check, heartbeats]
