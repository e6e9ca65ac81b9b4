"""Ways to check a record besides its code, over HTTP."""

from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.checking.bulk import controllers as bulk
from backend.checking.desk import controllers as desk
from backend.checking.keys import controllers as keys
from backend.checking.schemas import HolderAnswer, HolderQuestion
from backend.checking.sharing import controllers as sharing
from backend.records.lookups import service as lookups
from infra.vault import Vault


@post(
    "/v1/holder-matches",
    operation_id="MatchHolder",
    summary="Whether a record's number and its holder's name belong together",
    status_code=200,
    tags=["verification"],
)
async def match(
    data: JSONBody[HolderQuestion], vault: NamedDependency[Vault]
) -> Response[HolderAnswer]:
    """The name travels in the body: addresses are logged by every proxy on the way."""
    matches = await lookups.holder_is(vault, data.number, data.name)
    return Response(HolderAnswer(matches=matches), headers={"Cache-Control": "no-store"})


ROUTES: list[Any] = [match, *sharing.ROUTES, *keys.ROUTES, *bulk.ROUTES, *desk.ROUTES]
