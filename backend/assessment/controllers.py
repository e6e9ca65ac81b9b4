from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.accounts.domain import Caller
from backend.accounts.guards import requires
from backend.assessment import service
from backend.assessment.at_the_door import AtTheDoor
from backend.assessment.domain import TimeIsUp
from backend.assessment.extra_time import controllers as extra_time
from backend.assessment.practice import controllers as practice
from backend.assessment.saving.route import ROLE, batch_of, save
from backend.assessment.schemas import (
    AnswersRequest,
    AnswersSaved,
    AttemptRequest,
    AttemptView,
    PastAttempts,
    Result,
    SubmissionRequest,
    TakeOverRequest,
)
from infra.errors import DomainError


class AttemptController(Controller):
    path = "/v1/attempts"
    guards = [requires(ROLE, whose="own")]  # noqa: RUF012  as Litestar declares it
    tags = ["assessment"]  # noqa: RUF012

    @post(
        operation_id="StartAttempt",
        summary="Start the exam, or take the open attempt up on this device",
    )
    async def start(
        self,
        data: JSONBody[AttemptRequest],
        caller: NamedDependency[Caller],
        state: State,
    ) -> Response[AttemptView]:
        async with _door(state):
            now = state.clock()  # nobody's time runs while they wait at the door
            view, new = await service.start(
                caller.person_id, data.enrolment_id, device_id=data.device_id, now=now
            )
        return Response(view, status_code=201 if new else 200)

    @get(
        operation_id="ListAttempts",
        summary="My attempts at the exam of an enrolment, newest first, with their marks",
    )
    async def history(
        self,
        caller: NamedDependency[Caller],
        enrolment_id: Annotated[UUID, QueryParameter(name="enrolmentId")],
    ) -> PastAttempts:
        return await service.history(caller.person_id, enrolment_id)

    @get("/{attempt_id:uuid}", operation_id="GetAttempt", summary="One attempt of mine")
    async def attempt(
        self,
        attempt_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> AttemptView:
        return await service.attempt(attempt_id, caller.person_id, now=now)

    @post(
        "/{attempt_id:uuid}/sittings",
        operation_id="TakeOverAttempt",
        summary="Go on on this device; the one before is told when it next saves",
        status_code=200,
    )
    async def take_over(
        self,
        attempt_id: FromPath[UUID],
        data: JSONBody[TakeOverRequest],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> AttemptView:
        return await service.take_up(
            attempt_id, caller.person_id, device_id=data.device_id, now=now
        )

    @put(
        "/{attempt_id:uuid}/answers",
        operation_id="SaveAnswers",
        summary="Save answers; what is saved counts even when time runs out",
        description=(
            "One answer or several, in any order and as often as need be: of each item the highest "
            "sequence stands, and `saved` means durable. Answers given within the time are taken "
            "until 30 seconds after `dueAt`. 409 `taken-over`: another device goes on; take the "
            "attempt up here again to save here, and send the answers under their old sequences: "
            "what the other device saved since is newer. 503: wait the seconds of Retry-After and "
            "send the same again."
        ),
    )
    async def save_answers(
        self,
        attempt_id: FromPath[UUID],
        data: JSONBody[AnswersRequest],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
        state: State,
    ) -> AnswersSaved:
        batch = batch_of(attempt_id, caller, data, now)
        outcome = await save(state, batch)
        if isinstance(outcome, TimeIsUp):
            await service.expired(batch)
        if isinstance(outcome, DomainError):
            raise outcome
        return outcome

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
        state: State,
    ) -> Result:
        async with _door(state):
            return await service.submit(batch_of(attempt_id, caller, data, now))


def _door(state: State) -> AtTheDoor:
    door: AtTheDoor | None = state.get("exam_door")
    if door is None:
        state["exam_door"] = door = AtTheDoor()
    return door


ROUTES: list[Any] = [AttemptController, *extra_time.ROUTES, *practice.ROUTES]
