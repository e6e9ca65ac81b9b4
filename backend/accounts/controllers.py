"""People, sign-in and rights over HTTP."""

from typing import Any

from litestar import Request
from litestar.di import Provide

from backend.accounts.domain import Caller
from backend.accounts.guards import caller_of


async def caller(request: Request[Any, Any, Any]) -> Caller:
    return await caller_of(request)


ROUTES: list[Any] = []
DEPENDENCIES = {"caller": Provide(caller)}
