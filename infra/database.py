"""One request or job is one transaction."""

from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from piccolo.engine.postgres import PostgresTransaction, Savepoint

from infra.engine import DB
from infra.outage import AWAY

if TYPE_CHECKING:
    from asyncpg.connection import Connection


class UnitOfWork(PostgresTransaction):
    """A transaction that nests as a savepoint and always gives its connection back.

    Open it in the service; never hold it across ffmpeg, object storage or a streamed response.
    """

    _savepoint: Savepoint

    async def __aenter__(self) -> PostgresTransaction:
        if self._parent is None:
            return await self._begun()
        self._savepoint = await self._parent.savepoint()
        return self._parent

    async def _begun(self) -> PostgresTransaction:
        try:
            return await super().__aenter__()
        except BaseException:
            # Piccolo 1.38 keeps the connection when BEGIN fails or is cancelled.
            if (held := getattr(self, "connection", None)) and self.engine.pool is not None:
                await self.engine.pool.release(held)
            raise

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> Literal[False]:
        if self._parent is not None:
            if exception is None:
                await self._savepoint.release()  # type: ignore[no-untyped-call]
            else:
                await self._savepoint.rollback_to()  # type: ignore[no-untyped-call]
            return False
        try:
            if exception is None:
                await self._committed_once()
            else:
                await self._undone()
        finally:
            # Where COMMIT or ROLLBACK itself fails, Piccolo 1.38 would skip both steps.
            self.engine.current_transaction.reset(self.context)
            await self._give_back()
        return False

    async def _committed_once(self) -> None:
        if not (self._committed or self._rolled_back):
            await self.commit()  # type: ignore[no-untyped-call]

    async def _undone(self) -> None:
        """A server that has gone rolls back by itself: what went wrong before is the news."""
        if not self._rolled_back:
            with suppress(*AWAY):
                await self.rollback()  # type: ignore[no-untyped-call]

    async def _give_back(self) -> None:
        """asyncpg ends a connection that it cannot reset and raises, though all is said by then."""
        with suppress(*AWAY):
            if self.engine.pool is None:
                await self.connection.close()
            else:
                await self.engine.pool.release(self.connection)


class KeyedWork(UnitOfWork):
    """For what looks up a known person's rows by key: each statement is planned once a connection.

    PostgreSQL would plan those on partitioned tables anew each time, which takes several times as
    long as running them. Not for filters that may be left out: they need a plan of their own.
    """

    async def begin(self) -> None:
        await super().begin()  # type: ignore[no-untyped-call]
        await self.connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")


class Reading(UnitOfWork):
    """Looks only: within another unit of work it is part of that one, and spares the two statements
    of a savepoint, since there is nothing to undo."""

    async def __aenter__(self) -> PostgresTransaction:
        return await self._begun() if self._parent is None else self._parent

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> Literal[False]:
        if self._parent is not None:
            return False
        return await super().__aexit__(exception_type, exception, traceback)


def connection() -> "Connection[Any]":
    """The asyncpg connection of the open `UnitOfWork`, for COPY, unnest and advisory locks."""
    transaction = DB.current_transaction.get()
    if transaction is None:
        raise RuntimeError("open a UnitOfWork first")
    return transaction.connection
