"""The checking desk of a certification body over HTTP: its roster, and files of records."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend.accounts.domain import Caller
from backend.accounts.guards import requires
from backend.certification_bodies.schemas import Code
from backend.checking.bulk.controllers import result_file
from backend.checking.bulk.domain import MOST_FILE_BYTES, BulkTooLarge
from backend.checking.bulk.schemas import BulkChecks, BulkCheckView
from backend.checking.desk import service, workbooks
from backend.checking.keys.controllers import DESK, Days, Limit, State
from backend.checking.schemas import Roster
from backend.organisations.service import XLSX_TYPE
from backend.sent_file import sent_file
from infra.objects import ObjectStore
from infra.vault import Vault


class CheckingDeskController(Controller):
    path = "/v1/certification-bodies/{code:str}"
    tags = ("certification bodies",)
    guards = (DESK,)

    @get("/roster", operation_id="GetDeskRoster", summary="A body's auditors: who is current")
    async def roster(
        self,
        code: Code,
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
        within_days: Days = 90,
        wanted: State = None,
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 50,
    ) -> Roster:
        """Names and numbers are masked. Where a `state` is asked for, an answer may hold fewer than
        `limit` and a cursor that leads on."""
        return await service.roster(
            vault,
            caller,
            code,
            within_days=within_days,
            states=[wanted] if wanted else (),
            cursor=cursor,
            limit=limit,
            now=now,
        )

    @get(
        "/roster.xlsx",
        operation_id="GetRosterWorkbook",
        summary="The roster as a workbook",
        media_type=XLSX_TYPE,
    )
    async def roster_workbook(
        self,
        code: Code,
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
        within_days: Days = 90,
        wanted: State = None,
    ) -> Response[bytes]:
        """No cell of it is a formula. That it was taken is noted."""
        states = [wanted] if wanted else ()
        book = await service.roster_workbook(
            vault, caller, code, within_days=within_days, states=states, now=now
        )
        return _workbook(book, "roster.xlsx")

    @post(
        "/bulk-checks",
        operation_id="CheckFileAtDesk",
        summary="Upload a file of records, to be checked row by row",
        status_code=202,
        request_max_body_size=None,
    )
    async def send(
        self,
        request: Request[Any, Any, Any],
        code: Code,
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> BulkCheckView:
        """As `POST /v1/certifier/bulk-checks`, by a person."""
        await service.check_may_send(caller, code, now=now)
        content = await sent_file(request, most=MOST_FILE_BYTES, too_large=BulkTooLarge)
        return await service.send(vault, objects, caller, code, content, now=now)

    @get("/bulk-checks", operation_id="ListFileChecks", summary="A body's files of the last week")
    async def checks(
        self, code: Code, caller: NamedDependency[Caller], now: NamedDependency[datetime]
    ) -> BulkChecks:
        return BulkChecks(items=await service.checks(caller, code, now=now))

    @get(
        "/bulk-checks/{check_id:uuid}",
        operation_id="GetFileCheckAtDesk",
        summary="How far the check of a file is",
    )
    async def state(
        self,
        code: Code,
        check_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> BulkCheckView:
        return await service.check(caller, code, check_id, now=now)

    @get(
        "/bulk-checks/{check_id:uuid}/result",
        operation_id="GetFileCheckResultAtDesk",
        summary="Each row with its verdict, as CSV; for a week",
    )
    async def result(
        self,
        code: Code,
        check_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> Response[bytes]:
        return result_file(await service.result(vault, objects, caller, code, check_id, now=now))


@get(
    "/v1/bulk-check-template.xlsx",
    operation_id="GetBulkCheckTemplate",
    summary="The workbook to fill in for a bulk check",
    tags=["certification bodies"],
    guards=[requires(whose="an empty form")],
    media_type=XLSX_TYPE,
)
async def template() -> Response[bytes]:
    return _workbook(await asyncio.to_thread(workbooks.template), "records.xlsx")


def _workbook(content: bytes, name: str) -> Response[bytes]:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=XLSX_TYPE, headers=headers)


ROUTES: list[Any] = [CheckingDeskController, template]
