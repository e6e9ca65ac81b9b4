from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.progress import reading
from backend.progress.hours import desk, ledger, years
from backend.progress.hours.schemas import (
    Corrected,
    HoursCorrection,
    HoursPage,
    LearnerFound,
    LearnerQuery,
    YearList,
)
from backend.progress.schemas import ReadingAnswer, ReadingRequest
from infra.vault import Vault

_LEARNER = [requires(Role.LEARNER, whose="own")]
Limit = Annotated[int, QueryParameter(ge=1, le=100)]


@get(
    "/v1/hours",
    operation_id="ListHours",
    summary="My class hours, newest day first, each with where it came from",
    guards=_LEARNER,
    tags=["progress"],
)
async def my_hours(
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    cursor: FromQuery[UUID | None] = None,
    limit: Limit = 50,
) -> HoursPage:
    return await ledger.hours(caller.person_id, cursor=cursor, limit=limit, now=now)


@get(
    "/v1/hours/years",
    operation_id="ListContinuingEducation",
    summary="Continuing education: what each period asks for, and what is missing until when",
    guards=_LEARNER,
    tags=["progress"],
)
async def my_years(caller: NamedDependency[Caller], now: NamedDependency[datetime]) -> YearList:
    return await years.years(caller.person_id, now=now)


@post(
    "/v1/learner-queries",
    operation_id="FindLearner",
    summary="Somebody by phone or e-mail address, to look at and correct their hours",
    guards=[requires(Role.ADMINISTRATOR, whose="any, logged")],
    tags=["progress"],
    status_code=200,
)
async def find_learner(
    data: JSONBody[LearnerQuery],
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> LearnerFound:
    return await desk.find(vault, data.login, caller=caller.person_id, now=now)


@get(
    "/v1/learners/{learner_id:uuid}/hours",
    operation_id="ListHoursOfLearner",
    summary="Somebody's class hours, to correct them; they can read that it was looked at",
    guards=[requires(Role.ADMINISTRATOR, whose="any, logged")],
    tags=["progress"],
)
async def hours_of_learner(
    learner_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    cursor: FromQuery[UUID | None] = None,
    limit: Limit = 50,
) -> HoursPage:
    return await desk.hours_of(
        learner_id, cursor=cursor, limit=limit, caller=caller.person_id, now=now
    )


@post(
    "/v1/learners/{learner_id:uuid}/hours/{entry_id:uuid}/corrections",
    operation_id="CorrectHours",
    summary="Take hours of a lesson back, or give back what was taken, by a counter-entry",
    guards=[requires(Role.ADMINISTRATOR, whose="anyone's but their own")],
    tags=["progress"],
)
async def correct_hours(
    learner_id: FromPath[UUID],
    entry_id: FromPath[UUID],
    data: JSONBody[HoursCorrection],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> Corrected:
    return await ledger.correct(learner_id, entry_id, data, caller=caller.person_id, now=now)


@post(
    "/v1/lessons/{code:str}/reading",
    operation_id="ReadLesson",
    summary="The lesson's text is before me; the server counts the time since I last said so",
    guards=_LEARNER,
    tags=["progress"],
    status_code=200,
)
async def read_lesson(
    code: FromPath[str],
    data: JSONBody[ReadingRequest],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> ReadingAnswer:
    return await reading.read(
        caller.person_id, data.enrolment_id, code, leaving=data.leaving, now=now
    )


ROUTES: list[Any] = [
    my_hours,
    my_years,
    find_learner,
    hours_of_learner,
    correct_hours,
    read_lesson,
]
