"""What a person may ask of us: consents, export, correction, erasure, who looked."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, PathParameter, QueryParameter
from litestar.response import Stream

from backend.accounts.domain import Caller
from backend.accounts.guards import requires
from backend.privacy import accesses, audit_routes, service
from backend.privacy.domain import ErasureState, ExportFacts
from backend.privacy.schemas import (
    Accesses,
    ConsentAnswer,
    ConsentAnswered,
    Consents,
    ErasureView,
    ExportLink,
    Exports,
    ExportView,
    NameCorrection,
    Notices,
    NoticeView,
    Wording,
)
from backend.privacy.tables import Erasure
from backend.privacy_notices import Notice, current
from infra.objects import ObjectStore
from infra.settings import Settings
from infra.vault import Vault

_OWN = requires(whose="own")
_NO_STORE = {"Cache-Control": "no-store"}
_KEPT_ZH = (
    "姓名、登录方式、观看痕迹与未通过的考试会被删除；已签发的证明、公开日志与学时证据只以随机编号保留，"
    "证明中加密的姓名停止使用，自签发起满六年后删除。"
)
_KEPT_EN = (
    "Your name, logins, traces of watching and failed exams go. Issued records, the public log and"
    " evidence of hours stay under random ids; the sealed name in a record is no longer used and"
    " goes six years after issue."
)


@get(
    "/v1/privacy-notices",
    operation_id="ListPrivacyNotices",
    summary="What we use person data for, in the versions that count now",
    tags=["privacy"],
)
async def notices() -> Response[Notices]:
    found = Notices(items=[_notice(notice) for notice in current().values()])
    return Response(found, headers={"Cache-Control": "public, max-age=300"})


class MyPrivacyController(Controller):
    path = "/v1/me"
    tags = ("privacy",)
    guards = (_OWN,)

    @get("/consents", operation_id="ListMyConsents", summary="What I agreed to")
    async def consents(self, caller: NamedDependency[Caller]) -> Consents:
        return Consents(items=await service.consents_of(caller.person_id))

    @post(
        "/consents",
        operation_id="AnswerPrivacyNotice",
        summary="Agree to a purpose, or withdraw",
        status_code=200,
    )
    async def answer(
        self,
        data: JSONBody[ConsentAnswer],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> ConsentAnswered:
        """409 for a purpose that the account itself rests on: ask for erasure instead."""
        notice = await service.answer(
            caller.person_id, data.purpose, data.version, given=data.given, now=now
        )
        return ConsentAnswered(
            purpose=notice.purpose,
            state=service.state_after(data.given),
            stops_zh=None if data.given else notice.zh.stops,
            stops_en=None if data.given else notice.en.stops,
        )

    @get("/exports", operation_id="ListMyExports", summary="Exports of my data, newest first")
    async def exports(
        self, caller: NamedDependency[Caller], now: NamedDependency[datetime]
    ) -> Exports:
        found = await service.exports_of(caller.person_id)
        return Exports(items=[_export(export, now) for export in found])

    @post("/exports", operation_id="AskForExport", summary="Ask for all my data", status_code=202)
    async def ask_for_export(
        self, caller: NamedDependency[Caller], now: NamedDependency[datetime]
    ) -> ExportView:
        """One at a time: 409 while another is being made."""
        return _export(await service.ask_for_export(caller.person_id, now=now), now)

    @post(
        "/exports/{export_id:uuid}/link",
        operation_id="LinkToMyExport",
        summary="An address for five minutes to fetch an export from",
        status_code=200,
    )
    async def link(
        self,
        export_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> Response[ExportLink]:
        url = await service.export_link(vault, caller, export_id, now=now)
        return Response(ExportLink(url=url, expires_in=service.link_seconds()), headers=_NO_STORE)

    @put("/name", operation_id="CorrectMyName", summary="Correct my name", status_code=204)
    async def correct_name(
        self,
        data: JSONBody[NameCorrection],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
    ) -> None:
        """Before identity verification; 409 afterwards: verify anew under the right name."""
        await service.correct_name(vault, caller.person_id, data.name)

    @get("/erasure", operation_id="MyErasure", summary="How far my erasure is")
    async def erasure(self, caller: NamedDependency[Caller]) -> ErasureView:
        return await _erasure(await service.erasure_of(caller.person_id))

    @post("/erasure", operation_id="AskForErasure", summary="Ask to be erased", status_code=202)
    async def ask_for_erasure(
        self,
        caller: NamedDependency[Caller],
        settings: NamedDependency[Settings],
        now: NamedDependency[datetime],
    ) -> ErasureView:
        """Carried out after some days to think; asked again, the first wish counts. 409 for
        somebody who still holds a role."""
        think = timedelta(days=settings.erasure_think_days)
        return await _erasure(await service.ask_for_erasure(caller.person_id, think=think, now=now))

    @delete("/erasure", operation_id="TakeBackErasure", summary="Stay after all", status_code=204)
    async def take_back(
        self, caller: NamedDependency[Caller], now: NamedDependency[datetime]
    ) -> None:
        await service.cancel_erasure(caller.person_id, now=now)

    @get("/accesses", operation_id="WhoLookedAtMyData", summary="Who looked at my data, and why")
    async def accesses(
        self,
        caller: NamedDependency[Caller],
        cursor: FromQuery[UUID | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
    ) -> Accesses:
        return await accesses.page(caller.person_id, before=cursor, limit=limit)


@get(
    "/v1/exports/{token:str}",
    operation_id="FetchExport",
    summary="The file of an export: a ZIP",
    tags=["privacy"],
)
async def fetch(
    token: Annotated[str, PathParameter(max_length=1000)],
    objects: NamedDependency[ObjectStore],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> Stream:
    size, content = await service.open_export(objects, vault, token, now=now)
    headers = {
        **_NO_STORE,
        "Content-Length": str(size),
        "Content-Disposition": 'attachment; filename="guanbiao-my-data.zip"',
    }
    return Stream(content, media_type="application/zip", headers=headers)


def _notice(notice: Notice) -> NoticeView:
    return NoticeView(
        purpose=notice.purpose,
        version=notice.version,
        needed_for_account=notice.needed_for_account,
        zh=Wording(title=notice.zh.title, text=notice.zh.text.strip(), stops=notice.zh.stops),
        en=Wording(title=notice.en.title, text=notice.en.text.strip(), stops=notice.en.stops),
    )


def _export(export: ExportFacts, now: datetime) -> ExportView:
    return ExportView(
        id=export.id,
        state=export.shown_state(now=now),
        requested_at=export.requested_at,
        ready_at=export.ready_at,
        expires_at=export.expires_at,
        size=export.size,
    )


async def _erasure(erasure: Erasure) -> ErasureView:
    return ErasureView(
        state=ErasureState(erasure.state),
        requested_at=erasure.requested_at,
        due_at=erasure.due_at,
        kept_zh=_KEPT_ZH,
        kept_en=_KEPT_EN,
        leaves_without_manager=await service.left_alone_by(erasure),
    )


ROUTES: list[Any] = [notices, MyPrivacyController, fetch, *audit_routes.ROUTES]
