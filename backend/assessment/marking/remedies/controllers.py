from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, PathParameter, QueryParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.assessment.marking.remedies import service
from backend.assessment.marking.remedies.met import item_met
from backend.assessment.marking.remedies.schemas import (
    CorrectionList,
    ItemMet,
    Preview,
    RemedyDecision,
    RemedyList,
    RemedyRequest,
    RemedyView,
)

ItemCode = Annotated[str, PathParameter(min_length=1, max_length=64)]


class RemedyController(Controller):
    path = "/v1/item-remedies"
    guards = [requires(Role.REVIEWER, Role.ADMINISTRATOR, whose="all")]  # noqa: RUF012
    tags = ["marking"]  # noqa: RUF012

    @get(operation_id="ListItemRemedies", summary="What was proposed about faulty items")
    async def listed(
        self,
        caller: NamedDependency[Caller],
        cursor: FromQuery[UUID | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=100)] = 20,
    ) -> RemedyList:
        return await service.listed(before=cursor, limit=limit, caller=caller.person_id)

    @get(
        "/items/{item_id:str}",
        operation_id="GetItemAsMet",
        summary="An item as papers have it, with its key, and how it was answered",
    )
    async def met(
        self,
        item_id: ItemCode,
        version: Annotated[int, QueryParameter(ge=1, le=1_000_000)] = 1,
    ) -> ItemMet:
        return await item_met(item_id, version)

    @post(
        operation_id="ProposeItemRemedy",
        summary="Propose what to do about an item found faulty after people answered it",
    )
    async def propose(
        self,
        data: JSONBody[RemedyRequest],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> RemedyView:
        return await service.propose(data, by=caller.person_id, now=now)

    @get(
        "/{remedy_id:uuid}/preview",
        operation_id="PreviewItemRemedy",
        summary="Marks before and after, who would pass or fail, which records are affected",
    )
    async def preview(self, remedy_id: FromPath[UUID]) -> Preview:
        return await service.preview(remedy_id)

    @post(
        "/{remedy_id:uuid}/decision",
        operation_id="DecideItemRemedy",
        summary="Another administrator's word on the preview: corrects marks at once, or refuses",
        status_code=200,
        guards=[requires(Role.ADMINISTRATOR, whose="all")],
    )
    async def decide(
        self,
        remedy_id: FromPath[UUID],
        data: JSONBody[RemedyDecision],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> RemedyView:
        return await service.decide(remedy_id, data, by=caller.person_id, now=now)


@get(
    "/v1/attempts/{attempt_id:uuid}/corrections",
    operation_id="GetAttemptCorrections",
    summary="How the mark of my attempt was corrected since; the first mark stays beside it",
    guards=[requires(Role.LEARNER, whose="own")],
    tags=["assessment"],
)
async def corrections(
    attempt_id: FromPath[UUID], caller: NamedDependency[Caller]
) -> CorrectionList:
    return await service.corrections(attempt_id, caller.person_id)


ROUTES: list[Any] = [RemedyController, corrections]
