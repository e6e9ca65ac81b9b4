from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, PathParameter, QueryParameter
from litestar.response import ServerSentEvent

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.lectures import delivery, service
from backend.lectures.events import lecture_events
from backend.lectures.schemas import (
    LectureChoice,
    LectureList,
    LectureView,
    LessonLectureView,
    lecture_view,
)
from backend.lectures.uploads import UploadController
from infra.objects import ObjectStore
from media_pipeline import service as media


class LectureController(Controller):
    path = "/v1/lectures"
    tags = ["lectures"]  # noqa: RUF012  Litestar's attribute
    guards = [requires(Role.AUTHOR)]  # noqa: RUF012

    @get("/", operation_id="ListLectures")
    async def list_mine(
        self,
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        cursor: FromQuery[UUID | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=100)] = 20,
    ) -> LectureList:
        found = await media.lectures_of(caller.person_id, before=cursor, limit=limit + 1)
        items = [lecture_view(lecture, objects) for lecture in found[:limit]]
        return LectureList(items, items[-1].id if len(found) > limit else None)

    @get("/{lecture_id:uuid}", operation_id="GetLecture")
    async def one(
        self,
        lecture_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
    ) -> LectureView:
        found = await media.lecture_of(lecture_id, author_id=caller.person_id)
        return lecture_view(found, objects)

    @get("/{lecture_id:uuid}/events", operation_id="WatchLecture")
    async def events(
        self,
        request: Request[Any, Any, Any],
        lecture_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
    ) -> ServerSentEvent:
        await media.lecture_of(lecture_id, author_id=caller.person_id)
        seen = request.headers.get("last-event-id", "")
        return ServerSentEvent(
            lecture_events(objects, lecture_id, author_id=caller.person_id, seen=seen)
        )


@put(
    "/v1/lessons/{code:str}/lecture",
    operation_id="ChooseLessonLecture",
    guards=[requires(Role.AUTHOR)],
    tags=["lectures"],
)
async def choose(
    code: Annotated[str, PathParameter(pattern=r"^M\d\d-L\d\d$")],
    data: JSONBody[LectureChoice],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> LessonLectureView:
    chosen = await service.assign(
        code,
        data.lecture_id,
        demonstration=data.demonstration,
        author_id=caller.person_id,
        now=now,
    )
    return LessonLectureView(code, chosen.lecture_id, chosen.duration_seconds)


ROUTES: list[Any] = [LectureController, UploadController, choose, *delivery.ROUTES]
