"""Handing over cosignatures of the log's checkpoints, and reading them. For anyone."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from backend.records.cosigning import service
from backend.records.cosigning.domain import MOST_BYTES, NotACheckpoint, NoteTooLarge
from backend.sent_file import sent_file

Size = Annotated[int, QueryParameter(ge=0, le=2**62)]
_MOMENT = {"Cache-Control": "public, max-age=1", "Access-Control-Allow-Origin": "*"}


class CosignedCheckpoint(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    size: int
    """Leaves of the log."""
    note: str
    """The checkpoint with the log's signature and all cosignatures that are kept of it."""


class CosignedCheckpoints(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    items: list[CosignedCheckpoint]
    """By size; sixteen at most, the newest."""


class Kept(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    witnesses: list[str]
    """Whose lines are kept now, or were kept before."""


@get(
    "/log/cosignatures",
    operation_id="ListCosignedCheckpoints",
    summary="The newest checkpoints of the log that witnesses signed",
    tags=["verification"],
)
async def cosigned(after: Size = 0) -> Response[CosignedCheckpoints]:
    """A witness signs them all, so that their checkpoints are the same ones: `after` is the size
    it signed last."""
    found = [
        CosignedCheckpoint(size=one.size, note=one.note)
        for one in await service.cosigned_after(after)
    ]
    return Response(CosignedCheckpoints(items=found), headers=_MOMENT)


@post(
    "/log/cosignatures",
    operation_id="HandOverCosignature",
    summary="Hand over a checkpoint with the line of a registered witness",
    status_code=200,
    request_max_body_size=None,
    tags=["verification"],
)
async def hand_over(
    request: Request[Any, Any, Any], now: NamedDependency[datetime]
) -> Response[Kept]:
    """The body is the signed note itself (`c2sp.org/signed-note`, `text/plain`): the checkpoint,
    the log's line and the witness's (`cosignature/v1`). Twice is as good as once."""
    content = await sent_file(request, most=MOST_BYTES, too_large=NoteTooLarge)
    try:
        note = content.decode()
    except UnicodeDecodeError:
        raise NotACheckpoint from None
    kept = Kept(witnesses=await service.take(note, now=now))
    return Response(kept, headers={"Cache-Control": "no-store"})


ROUTES: list[Any] = [cosigned, hand_over]
