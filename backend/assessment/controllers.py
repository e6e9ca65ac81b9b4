from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.assessment import service
from backend.assessment.schemas import (
    AnswerRequest,
    AnswerSaved,
    AttemptRequest,
    AttemptView,
    Result,
    SubmissionRequest,
)


class AttemptController(Controller):
    path = "/v1/attempts"
    guards = [requires(Role.LEARNER, whose="own")]  # noqa: RUF012  as Litestar declares it
    tags = ["assessment"]  # noqa: RUF012

    @post(operation_id="StartAttempt", summary="Start the exam, or go on with the open attempt")
    async def start(
        self,
        data: JSONBody[AttemptRequest],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> Response[AttemptView]:
        view, new = await service.start(caller.person_id, data.enrolment_id, now=now)
        return Response(view, status_code=201 if new else 200)

    @get("/{attempt_id:uuid}", operation_id="GetAttempt", summary="One attempt of mine")
    async def attempt(
        self,
        attempt_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> AttemptView:
        return await service.attempt(attempt_id, caller.person_id, now=now)

    @put(
        "/{attempt_id:uuid}/answers/{item_id:str}",
        operation_id="SaveAnswer",
        summary="Save an answer; what is saved counts even when time runs out",
    )
    async def save_answer(
        self,
        attempt_id: FromPath[UUID],
        item_id: FromPath[str],
        data: JSONBody[AnswerRequest],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> AnswerSaved:
        return await service.save_answer(
            attempt_id, item_id, data.answer, learner_id=caller.person_id, now=now
        )

    @post(
        "/{attempt_id:uuid}/submission",
        operation_id="SubmitAttempt",
        summary="Hand in; a repeat answers the same",
        status_code=200,
    )
    async def submit(
        self,
        attempt_id: FromPath[UUID],
        data: JSONBody[SubmissionRequest],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> Result:
        return await service.submit(attempt_id, data.answers, learner_id=caller.person_id, now=now)


ROUTES: list[Any] = [AttemptController]
