"""What an author does to a lecture of his own after its upload."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import ServerSentEvent

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.lectures import keeping
from backend.lectures.events import lecture_events
from backend.lectures.schemas import LectureList, LectureTitle, LectureView, lecture_view
from infra.objects import ObjectStore


class LectureController(Controller):
    path = "/v1/lectures"
    tags = ["lectures"]  # noqa: RUF012  Litestar's attribute
    guards = [requires(Role.AUTHOR, whose="own")]  # noqa: RUF012

    @get("/", operation_id="ListLectures")
    async def list_mine(
        self,
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
        cursor: FromQuery[UUID | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=100)] = 20,
    ) -> LectureList:
        found = await keeping.lectures_of(caller.person_id, before=cursor, limit=limit + 1)
        items = [lecture_view(lecture, objects, now) for lecture in found[:limit]]
        return LectureList(items, items[-1].id if len(found) > limit else None)

    @get("/{lecture_id:uuid}", operation_id="GetLecture")
    async def one(
        self,
        lecture_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> LectureView:
        found = await keeping.lecture_of(lecture_id, author_id=caller.person_id)
        return lecture_view(found, objects, now)

    @get("/{lecture_id:uuid}/events", operation_id="WatchLecture")
    async def events(
        self,
        request: Request[Any, Any, Any],
        lecture_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
    ) -> ServerSentEvent:
        """The whole `LectureView` at each change, as event `lecture`, until it is playable or
        failed."""
        await keeping.lecture_of(lecture_id, author_id=caller.person_id)
        seen = request.headers.get("last-event-id", "")
        return ServerSentEvent(
            lecture_events(objects, lecture_id, clock=request.app.state.clock, seen=seen)
        )

    @post("/{lecture_id:uuid}/retry", operation_id="RetryLecture", status_code=200)
    async def retry(
        self,
        lecture_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> LectureView:
        """Another try with the uploaded file, where `retryable` says that it may help."""
        found = await keeping.retry(objects, lecture_id, author_id=caller.person_id, now=now)
        return lecture_view(found, objects, now)

    @post("/{lecture_id:uuid}/cancellation", operation_id="CancelLecture", status_code=200)
    async def cancel(
        self,
        lecture_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> LectureView:
        """Ends the waiting or the work; the file stays for another try."""
        found = await keeping.cancel(lecture_id, author_id=caller.person_id)
        return lecture_view(found, objects, now)

    @patch("/{lecture_id:uuid}", operation_id="RenameLecture")
    async def rename(
        self,
        lecture_id: FromPath[UUID],
        data: JSONBody[LectureTitle],
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> LectureView:
        found = await keeping.rename(lecture_id, data.title, author_id=caller.person_id)
        return lecture_view(found, objects, now)

    @delete("/{lecture_id:uuid}", operation_id="RemoveLecture", status_code=204)
    async def remove(
        self,
        lecture_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> None:
        """For good, with its captions and files; 409 where a lesson shows or has shown it."""
        await keeping.remove(objects, lecture_id, author_id=caller.person_id, now=now)
