"""A holder's share links over HTTP. What a link shows is a page: `backend.web.checking_pages`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.accounts.domain import Caller
from backend.accounts.guards import requires
from backend.checking.sharing import service
from backend.checking.sharing.schemas import MadeShareLink, NewShareLink, ShareLinks
from infra.vault import Vault

_OWN = requires(whose="own")
_OF_RECORD = "/v1/records/{record_id:uuid}/share-links"


@post(
    _OF_RECORD,
    operation_id="MakeShareLink",
    summary="Make a link that shows chosen fields beside the verdict",
    guards=[_OWN],
    tags=["records"],
)
async def make(
    record_id: FromPath[UUID],
    data: JSONBody[NewShareLink],
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> MadeShareLink:
    """The fields are shown as they are known now. The link ends by itself, or when revoked."""
    return await service.make(vault, caller.person_id, record_id, data, now=now)


@get(
    _OF_RECORD,
    operation_id="ListShareLinks",
    summary="My links of a record, and when each was opened",
    guards=[_OWN],
    tags=["records"],
)
async def links(
    record_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> ShareLinks:
    return ShareLinks(items=await service.links(vault, caller.person_id, record_id, now=now))


@delete(
    "/v1/share-links/{link_id:uuid}",
    operation_id="RevokeShareLink",
    summary="End a link at once",
    guards=[_OWN],
    tags=["records"],
)
async def revoke(
    link_id: FromPath[UUID], caller: NamedDependency[Caller], now: NamedDependency[datetime]
) -> None:
    await service.revoke(caller.person_id, link_id, now=now)


ROUTES: list[Any] = [make, links, revoke]
