"""Many records at once over HTTP, by a key with scope `bulk`."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency

from backend.checking.bulk import service
from backend.checking.bulk.domain import MOST_INLINE_BYTES, NDJSON, BulkTooLarge, inline
from backend.checking.bulk.schemas import BulkAnswers
from backend.checking.keys.domain import Scope
from backend.checking.keys.guards import needs_key
from backend.sent_file import sent_file

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


ROUTES: list[Any] = [verify_inline]
