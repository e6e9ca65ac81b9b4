from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.assessment.marking import desk, told
from backend.assessment.marking.schemas import (
    DeskView,
    GivenView,
    MarkedEssays,
    MarksRequest,
    ProgressView,
    ReturnRequest,
    TakenView,
)


class MarkingDesk(Controller):
    path = "/v1/marking"
    guards = [requires(Role.MARKER, whose="answers the server gave them")]  # noqa: RUF012
    tags = ["marking"]  # noqa: RUF012

    @get("/desk", operation_id="GetMarkingDesk", summary="What I hold, and what waits for me")
    async def desk(
        self, caller: NamedDependency[Caller], now: NamedDependency[datetime]
    ) -> DeskView:
        return await desk.desk(caller.person_id, now=now)

    @post(
        "/essays",
        operation_id="TakeNextEssay",
        summary="The next answer to mark, chosen by the server; the one I hold, if I hold one",
        status_code=200,
    )
    async def take(
        self, caller: NamedDependency[Caller], now: NamedDependency[datetime]
    ) -> TakenView:
        return TakenView(await desk.take_next(caller.person_id, now=now))

    @put(
        "/essays/{mark_id:uuid}/marks",
        operation_id="MarkEssay",
        summary="Give marks by the rubric, once; the same again answers the same",
    )
    async def mark(
        self,
        mark_id: FromPath[UUID],
        data: JSONBody[MarksRequest],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> GivenView:
        return await desk.give(
            caller.person_id, mark_id, data.percents, data.comment.strip(), now=now
        )

    @post(
        "/essays/{mark_id:uuid}/return",
        operation_id="ReturnEssay",
        summary="Hand an answer back unmarked; it never comes back to me",
        status_code=204,
    )
    async def hand_back(
        self,
        mark_id: FromPath[UUID],
        data: JSONBody[ReturnRequest],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        await desk.hand_back(caller.person_id, mark_id, data.because, now=now)


@get(
    "/v1/marking/progress",
    operation_id="GetMarkingProgress",
    summary="How marking goes: what waits, since when, and who is at work",
    guards=[requires(Role.ADMINISTRATOR, whose="all")],
    tags=["marking"],
)
async def progress(now: NamedDependency[datetime]) -> ProgressView:
    return await desk.progress(now=now)


@get(
    "/v1/attempts/{attempt_id:uuid}/essays",
    operation_id="GetMarkedEssays",
    summary="My essays of an attempt: points and comments, once all of them are marked",
    guards=[requires(Role.LEARNER, whose="own")],
    tags=["assessment"],
)
async def essays(attempt_id: FromPath[UUID], caller: NamedDependency[Caller]) -> MarkedEssays:
    return await told.essays(attempt_id, caller.person_id)


ROUTES: list[Any] = [MarkingDesk, progress, essays]
