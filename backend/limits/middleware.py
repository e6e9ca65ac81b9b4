"""Counts every request that reaches a route, before its guards; says on the answer what is left."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from backend.limits.domain import Counter, address_behind, limit_headers
from backend.limits.policies import class_of
from backend.limits.service import Limits

PersonOf = Callable[[Scope], Awaitable[UUID | None]]


class RateLimits(ASGIMiddleware):
    """`person_of`: whose valid access token the request carries, None when it has none.

    Leaves the caller's address in the scope's state as `client_address`, and the counters that the
    answer tells of as `limit_counters`: a guard that counts by what it found out adds its own.
    """

    scopes = (ScopeType.HTTP, ScopeType.ASGI)

    def __init__(self, person_of: PersonOf) -> None:
        self._person_of = person_of

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope["type"] != ScopeType.HTTP:
            await next_app(scope, receive, send)
            return
        address = _address(scope)
        scope.setdefault("state", {})["client_address"] = address
        kind = class_of(scope["method"], scope["path_template"])
        if kind is None:
            await next_app(scope, receive, send)
            return
        state = Litestar.from_scope(scope).state
        now: datetime = state.clock()
        at = int(now.timestamp())
        limits: Limits = state.limits
        counters = await limits.take(kind, address, await self._person_of(scope), at=at)
        scope["state"]["limit_counters"] = counters
        await next_app(scope, receive, _saying(send, counters, at))


def _address(scope: Scope) -> str:
    client = scope.get("client")
    peer = client[0] if client else ""
    forwarded = [v for k, v in scope["headers"] if k == b"x-forwarded-for"]
    if not forwarded:
        return peer
    trusted = Litestar.from_scope(scope).state.trusted_proxies
    return address_behind(peer, b",".join(forwarded).decode("latin-1"), trusted)


def _saying(send: Send, counters: list[Counter], at: int) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start" and counters:
            message["headers"] = [*message.get("headers", []), *limit_headers(counters, at)]
        await send(message)

    return with_headers
