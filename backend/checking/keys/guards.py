"""Routes for programs of certification bodies ask for a key, which belongs to no person."""

from datetime import datetime

from litestar.handlers.base import BaseRouteHandler

from backend.accounts.guards import Connection, bearer
from backend.checking.keys import service
from backend.checking.keys.domain import Key, KeyNotValid, Scope
from backend.limits.service import Limits
from infra.errors import Unauthenticated


class needs_key:  # lower case: a word where it stands, guards=[needs_key(Scope.ROSTER)]
    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, connection: Connection, _: BaseRouteHandler) -> None:
        try:
            sent = bearer(connection.headers.get("authorization", ""))
        except Unauthenticated:
            raise KeyNotValid from None
        now: datetime = connection.app.state.clock()
        key = await service.admit(sent, self.scope, now=now)
        await _count(connection, key, int(now.timestamp()))
        connection.state.certifier_key = key


async def _count(connection: Connection, key: Key, at: int) -> None:
    """KeySpent. After the key is known to be good: whoever tries keys makes no counters."""
    limits: Limits = connection.app.state.limits
    scope = connection.scope
    method = str(scope.get("method", "GET"))
    counters = limits.of_key(method, scope["path_template"], key.id, at=at)
    scope["state"].setdefault("limit_counters", []).extend(counters)
    await limits.take_for_key(counters, at=at)


def key_of(connection: Connection) -> Key:
    """Behind `needs_key`."""
    found: Key = connection.state.certifier_key
    return found
