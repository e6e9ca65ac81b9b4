"""A pool of one connection, inside of a transaction that is rolled back.

What a test writes leaves nothing behind, and yet the code under test lives as in a running
instance: outside of a `UnitOfWork` there is no transaction to lean on, and each unit is one of its
own (PostgreSQL sees a savepoint).
"""

from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager
from typing import Any

from infra import database
from infra.engine import DB


class _Lent:
    """Awaited or entered, as what a pool's `acquire` gives."""

    def __init__(self, held: Any) -> None:
        self._held = held

    async def __aenter__(self) -> Any:
        return self._held

    async def __aexit__(self, *_: object) -> None: ...

    def __await__(self) -> Generator[Any, None, Any]:
        yield from ()
        return self._held


class OneConnection:
    def __init__(self, held: Any) -> None:
        self.held = held

    def acquire(self) -> _Lent:
        return _Lent(self.held)

    async def release(self, held: Any) -> None: ...


@asynccontextmanager
async def one_connection() -> AsyncIterator[None]:
    """In place of the engine's pool, meanwhile."""
    pool: Any = DB.pool
    async with pool.acquire() as held:
        whole = held.transaction()
        await whole.start()
        DB.pool = OneConnection(held)
        try:
            yield
        finally:
            DB.pool = pool
            await whole.rollback()


def connection() -> Any:
    """For what a test itself asks, in a unit or not."""
    pool: Any = DB.pool
    return pool.held if isinstance(pool, OneConnection) else database.connection()
