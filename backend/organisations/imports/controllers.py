"""Importing staff over HTTP: template, upload, report, confirmation."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from litestar.params import FromPath, FromQuery, QueryParameter

from backend.accounts.domain import Caller
from backend.accounts.guards import requires
from backend.organisations.guards import MANAGED, Limit
from backend.organisations.imports import service
from backend.organisations.imports.domain import (
    MOST_BYTES,
    MOST_FAULTS,
    FileRefused,
    FileTooLarge,
)
from backend.organisations.imports.schemas import (
    FaultPage,
    ImportPage,
    ImportView,
    fault_view,
    import_view,
)
from backend.organisations.imports.template import (
    REPORT_HEADINGS,
    report,
    report_rows,
    template,
)
from backend.organisations.members.service import refuse_stranger
from backend.organisations.spreadsheets import BOM, CSV_TYPE, XLSX_TYPE, csv_lines
from backend.sent_file import sent_file
from infra.objects import ObjectStore
from infra.vault import Vault

AnyRequest = Request[Any, Any, Any]
Shape = Annotated[Literal["xlsx", "csv"], QueryParameter(name="format")]
_BINARY = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))


class UploadOperation(Operation):
    """What the handler's signature cannot say: the body is the file itself."""

    def __post_init__(self) -> None:
        content = {XLSX_TYPE: _BINARY, "text/csv": _BINARY}
        self.request_body = RequestBody(content=content, required=True)


@get(
    "/v1/staff-template.xlsx",
    operation_id="GetStaffTemplate",
    summary="The workbook to fill in for an import of staff",
    tags=["organisations"],
    guards=[requires(whose="an empty form")],
    media_type=XLSX_TYPE,
)
async def get_template() -> Response[bytes]:
    return _file(await asyncio.to_thread(template), "staff.xlsx", XLSX_TYPE)


class ImportController(Controller):
    path = "/v1/organisations/{organisation_id:uuid}/imports"
    tags = ("organisations",)
    guards = (MANAGED,)

    @post(
        "/",
        operation_id="ImportStaff",
        summary="Upload a file of staff, to be checked row by row",
        status_code=202,
        request_max_body_size=None,
        operation_class=UploadOperation,
    )
    async def upload(
        self,
        request: AnyRequest,
        organisation_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> ImportView:
        """The body is the file itself: xlsx, or CSV in UTF-8 or GB18030, of at most 20 MB and
        200,000 rows. Nothing takes effect before the confirmation."""
        await refuse_stranger(caller.person_id, organisation_id)  # before 20 MB are read
        content = await _body(request)
        job = await service.upload(
            vault, objects, caller.person_id, organisation_id, content, now=now
        )
        return import_view(job)

    @get("/", operation_id="ListImports", summary="Imports, newest first")
    async def page(
        self,
        organisation_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 20,
    ) -> ImportPage:
        found = await service.page(
            caller.person_id, organisation_id, before=cursor, limit=limit + 1
        )
        more = found[limit - 1].id if len(found) > limit else None
        return ImportPage(items=[import_view(job) for job in found[:limit]], next_cursor=more)

    @get("/{import_id:uuid}", operation_id="GetImport", summary="State, percent and counts")
    async def one(
        self,
        organisation_id: FromPath[UUID],
        import_id: FromPath[UUID],
        caller: NamedDependency[Caller],
    ) -> ImportView:
        return import_view(await service.job_of(caller.person_id, organisation_id, import_id))

    @get("/{import_id:uuid}/faults", operation_id="ListImportFaults", summary="Row by row")
    async def faults(
        self,
        organisation_id: FromPath[UUID],
        import_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 50,
    ) -> FaultPage:
        found = await service.faults(
            caller.person_id, organisation_id, import_id, after=cursor, limit=limit + 1
        )
        more = found[limit - 1].id if len(found) > limit else None
        return FaultPage(items=[fault_view(f) for f in found[:limit]], next_cursor=more)

    @get(
        "/{import_id:uuid}/report",
        operation_id="GetImportReport",
        summary="All that was wrong, as a file",
    )
    async def report(
        self,
        organisation_id: FromPath[UUID],
        import_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        shape: Shape = "xlsx",
    ) -> Response[bytes]:
        found = await service.faults(
            caller.person_id, organisation_id, import_id, after=None, limit=MOST_FAULTS
        )
        rows = report_rows(found)
        if shape == "csv":
            text = BOM + csv_lines([REPORT_HEADINGS, *rows])
            return _file(text.encode(), "faults.csv", CSV_TYPE)
        return _file(await asyncio.to_thread(report, rows), "faults.xlsx", XLSX_TYPE)

    @post(
        "/{import_id:uuid}/confirmation",
        operation_id="ConfirmImport",
        summary="Take the good rows, all or none",
        status_code=202,
    )
    async def confirm(
        self,
        organisation_id: FromPath[UUID],
        import_id: FromPath[UUID],
        caller: NamedDependency[Caller],
    ) -> ImportView:
        """Refused when more than a fifth of the rows are bad."""
        return import_view(await service.confirm(caller.person_id, organisation_id, import_id))

    @post(
        "/{import_id:uuid}/cancellation",
        operation_id="CancelImport",
        summary="Throw the file away",
        status_code=200,
    )
    async def cancel(
        self,
        organisation_id: FromPath[UUID],
        import_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> ImportView:
        job = await service.cancel(objects, caller.person_id, organisation_id, import_id, now=now)
        return import_view(job)


async def _body(request: AnyRequest) -> bytes:
    content = await sent_file(request, most=MOST_BYTES, too_large=FileTooLarge)
    if not content:
        raise FileRefused("no-rows")
    return content


def _file(content: bytes, name: str, media_type: str) -> Response[bytes]:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)


ROUTES: list[Any] = [get_template, ImportController]
