"""Routes for programs of certification bodies ask for a key, which belongs to no person."""

from datetime import datetime

from litestar.handlers.base import BaseRouteHandler

from backend.accounts.guards import Connection, bearer
from backend.checking.keys import service
from backend.checking.keys.domain import Key, KeyNotValid, Scope
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
        connection.state.certifier_key = await service.admit(sent, self.scope, now=now)


def key_of(connection: Connection) -> Key:
    """Behind `needs_key`."""
    found: Key = connection.state.certifier_key
    return found
