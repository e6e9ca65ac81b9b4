"""The inbox over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.accounts.domain import Caller
from backend.accounts.guards import requires
from backend.notices import service
from backend.notices.domain import Choice
from backend.notices.schemas import ChoiceView, NewChoice, NoticeList, ReadUpTo, Unread

_OWN = [requires(whose="own")]
_TAGS = ["notices"]
Limit = Annotated[int, QueryParameter(ge=1, le=100)]
Cursor = Annotated[UUID | None, QueryParameter()]


class NoticeController(Controller):
    path = "/v1/notices"
    guards = _OWN
    tags = _TAGS

    @get(operation_id="ListNotices", summary="My notices, newest first")
    async def notices(
        self, caller: NamedDependency[Caller], cursor: Cursor = None, limit: Limit = 20
    ) -> NoticeList:
        return await service.inbox(caller.person_id, after=cursor, limit=limit)

    @post(
        "/{notice_id:uuid}/read",
        operation_id="ReadNotice",
        summary="I have read this notice",
        status_code=200,
    )
    async def read(
        self,
        notice_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> Unread:
        return await service.read(caller.person_id, notice_id, now=now)

    @post(
        "/read",
        operation_id="ReadNotices",
        summary="I have read all notices up to this one",
        status_code=200,
    )
    async def read_up_to(
        self,
        data: JSONBody[ReadUpTo],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> Unread:
        return await service.read_up_to(caller.person_id, data.up_to, now=now)


class NoticeChoiceController(Controller):
    path = "/v1/me/notice-choice"
    guards = _OWN
    tags = _TAGS

    @get(operation_id="GetNoticeChoice", summary="Where my notices go besides the inbox")
    async def choice(self, caller: NamedDependency[Caller]) -> ChoiceView:
        return await service.choice(caller.person_id)

    @put(operation_id="ChooseNotices", summary="Choose where my notices go besides the inbox")
    async def choose(
        self,
        data: JSONBody[NewChoice],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> ChoiceView:
        wanted = Choice(email=data.email, sms=data.sms)
        return await service.choose(caller.person_id, wanted, now=now)


ROUTES: list[Any] = [NoticeController, NoticeChoiceController]
