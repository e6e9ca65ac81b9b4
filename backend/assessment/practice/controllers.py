from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.assessment.practice import service
from backend.assessment.practice.schemas import (
    PracticeAnswerRequest,
    PracticeFeedback,
    PracticeRequest,
    PracticeView,
)


class PracticeController(Controller):
    path = "/v1/practice-papers"
    guards = [requires(Role.LEARNER, whose="own")]  # noqa: RUF012  as Litestar declares it
    tags = ["assessment"]  # noqa: RUF012

    @post(operation_id="StartPractice", summary="A paper to practise on; nothing of it counts")
    async def start(
        self,
        data: JSONBody[PracticeRequest],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> PracticeView:
        return await service.start(caller.person_id, data.enrolment_id, count=data.count, now=now)

    @get(
        "/{practice_id:uuid}",
        operation_id="GetPractice",
        summary="A practice paper of mine, with what was said about the answers so far",
    )
    async def practice(
        self, practice_id: FromPath[UUID], caller: NamedDependency[Caller]
    ) -> PracticeView:
        return await service.practice(practice_id, caller.person_id)

    @post(
        "/{practice_id:uuid}/answers",
        operation_id="AnswerPractice",
        summary="Answer an item, once, and be told what is right and why",
        status_code=200,
    )
    async def answer(
        self,
        practice_id: FromPath[UUID],
        data: JSONBody[PracticeAnswerRequest],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> PracticeFeedback:
        return await service.answer(
            practice_id, caller.person_id, data.position, data.answer, now=now
        )


ROUTES: list[Any] = [PracticeController]
