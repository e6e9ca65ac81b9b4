"""Many records at once over HTTP, by a key with scope `bulk`."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend.checking.bulk import files, service
from backend.checking.bulk.domain import (
    MOST_FILE_BYTES,
    MOST_INLINE_BYTES,
    NDJSON,
    BulkTooLarge,
    inline,
)
from backend.checking.bulk.schemas import BulkAnswers, BulkCheckView
from backend.checking.keys.domain import Scope
from backend.checking.keys.guards import key_of, needs_key
from backend.sent_file import sent_file
from infra.objects import ObjectStore
from infra.vault import Vault

AnyRequest = Request[Any, Any, Any]
_BULK = needs_key(Scope.BULK)


@post(
    "/v1/certifier/verifications",
    operation_id="VerifyRecords",
    summary="Verdicts on up to 1,000 records, in the order asked",
    status_code=200,
    request_max_body_size=None,
    guards=[_BULK],
    tags=["certifiers"],
)
async def verify_inline(request: AnyRequest, now: NamedDependency[datetime]) -> Response[Any]:
    """`{"items": ["<code, number or JWS>", …]}`; or NDJSON (`application/x-ndjson`) with one JSON
    text on each line, which is answered as NDJSON. `Authorization: Bearer gbk_…`, scope `bulk`."""
    content = await sent_file(request, most=MOST_INLINE_BYTES, too_large=BulkTooLarge)
    ndjson = request.headers.get("content-type", "").partition(";")[0].strip() == NDJSON
    answers = await service.inline(inline(content, ndjson=ndjson), now=now)
    headers = {"Cache-Control": "no-store"}
    if ndjson:
        lines = b"".join(msgspec.json.encode(answer) + b"\n" for answer in answers)
        return Response(lines, media_type=NDJSON, headers=headers)
    return Response(BulkAnswers(items=answers, verified_at=now), headers=headers)


@post(
    "/v1/certifier/bulk-checks",
    operation_id="CheckFile",
    summary="Upload a file of records, to be checked row by row",
    status_code=202,
    request_max_body_size=None,
    guards=[_BULK],
    tags=["certifiers"],
)
async def upload(
    request: AnyRequest,
    vault: NamedDependency[Vault],
    objects: NamedDependency[ObjectStore],
    now: NamedDependency[datetime],
) -> BulkCheckView:
    """The body is the file itself: xlsx, or CSV in UTF-8 or GB18030, of at most 20 MB and 100,000
    rows. A column headed 证明编号, 核验码, number or code is read; without one, the first."""
    content = await sent_file(request, most=MOST_FILE_BYTES, too_large=BulkTooLarge)
    key = key_of(request)
    return await files.upload(vault, objects, key.body_code, content, key=key.id, now=now)


@get(
    "/v1/certifier/bulk-checks/{check_id:uuid}",
    operation_id="GetFileCheck",
    summary="How far the check of a file is",
    guards=[_BULK],
    tags=["certifiers"],
)
async def state(
    request: AnyRequest, check_id: FromPath[UUID], now: NamedDependency[datetime]
) -> BulkCheckView:
    return await files.state(key_of(request).body_code, check_id, now=now)


@get(
    "/v1/certifier/bulk-checks/{check_id:uuid}/result",
    operation_id="GetFileCheckResult",
    summary="Each row with its verdict, as CSV; for a week",
    guards=[_BULK],
    tags=["certifiers"],
)
async def result(
    request: AnyRequest,
    check_id: FromPath[UUID],
    vault: NamedDependency[Vault],
    objects: NamedDependency[ObjectStore],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    body_code = key_of(request).body_code
    return result_file(await files.result(vault, objects, body_code, check_id, now=now))


def result_file(content: bytes) -> Response[bytes]:
    headers = {
        "Content-Disposition": 'attachment; filename="verdicts.csv"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="text/csv", headers=headers)


ROUTES: list[Any] = [verify_inline, upload, state, result]
