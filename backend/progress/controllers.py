from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires, tokens_of
from backend.lectures import service as lectures
from backend.lectures.domain import (
    LINK_LIFETIME,
    VIEWER_COOKIE,
    VIEWER_PATH,
    SignedManifest,
)
from backend.progress import service
from backend.progress.editions import controllers as carry_over_routes
from backend.progress.heartbeats.openapi import OPENAPI_PATHS
from backend.progress.heartbeats.route import heartbeats
from backend.progress.hours import controllers as ledger_routes
from backend.progress.offline.controllers import ROUTES as SYNC_ROUTES
from backend.progress.presence import service as presence
from backend.progress.schemas import (
    CheckAnswer,
    CheckRequest,
    EnrolmentList,
    EnrolmentRequest,
    EnrolmentScreen,
    PlaySessionOpened,
    PlaySessionRequest,
    PresenceAnswer,
    PresenceCheckView,
)
from infra.objects import ObjectStore
from infra.settings import Settings
from infra.vault import Vault

__all__ = ["OPENAPI_PATHS", "ROUTES"]

_LEARNER = [requires(Role.LEARNER, whose="own")]


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
            caller.person_id,
            data.programme,
            demo=settings.demo,
            newest_edition=data.newest_edition,
            now=now,
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
    state: State,
    now: NamedDependency[datetime],
) -> Response[PlaySessionOpened]:
    opened = await service.open_play_session(
        caller.person_id,
        data.enrolment_id,
        data.lesson,
        device_id=data.device_id,
        vault=vault,
        now=now,
    )
    response = Response(opened)
    response.set_cookie(
        key=VIEWER_COOKIE,
        value=lectures.viewer_cookie(vault, caller, now=now),
        path=VIEWER_PATH,
        max_age=int(LINK_LIFETIME.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=(await tokens_of(state)).issuer.startswith("https:"),
    )
    return response


@get(
    "/v1/lessons/{code:str}/download",
    operation_id="TakeLessonAlong",
    summary="A signed list of the files to take along; watching them earns no hours",
    guards=_LEARNER,
    tags=["progress"],
)
async def take_lesson_along(
    code: FromPath[str],
    enrolment_id: Annotated[UUID, QueryParameter(name="enrolmentId")],
    caller: NamedDependency[Caller],
    objects: NamedDependency[ObjectStore],
    vault: NamedDependency[Vault],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[SignedManifest]:
    manifest = await lectures.take_along(
        objects,
        vault,
        await service.lecture_to_take_along(caller.person_id, enrolment_id, code),
        caller=caller,
        enrolment_id=enrolment_id,
        lesson_code=code,
        now=now,
    )
    signed = lectures.sign_manifest(manifest, settings.keys)
    return Response(signed, headers={"Cache-Control": "no-store"})


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


class PresenceController(Controller):
    path = "/v1/presence-checks/{check_id:uuid}"
    guards = _LEARNER
    tags = ["progress"]  # noqa: RUF012  as Litestar declares it

    @get(
        operation_id="GetPresenceCheck",
        summary="The question of a presence check; its minute begins when it is first asked for",
    )
    async def deliver(
        self,
        check_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> Response[PresenceCheckView]:
        view = await presence.deliver(caller.person_id, check_id, now=now)
        return Response(view, headers={"Cache-Control": "no-store"})

    @post(
        "/answer",
        operation_id="AnswerPresenceCheck",
        summary="Answer a presence check; two tries, again gives the same",
        status_code=200,
    )
    async def answer(
        self,
        check_id: FromPath[UUID],
        data: JSONBody[PresenceAnswer],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> PresenceCheckView:
        return await presence.answer(caller.person_id, check_id, data.option, now=now)


ROUTES: list[Any] = [
    EnrolmentController,
    open_play_session,
    take_lesson_along,
    answer_check,
    PresenceController,
    heartbeats,
    *carry_over_routes.ROUTES,
    *SYNC_ROUTES,
    *ledger_routes.ROUTES,
]
