"""One request or job is one transaction."""

from types import TracebackType
from typing import TYPE_CHECKING, Any

from piccolo.engine.postgres import PostgresTransaction, Savepoint

from infra.engine import DB

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
    ) -> bool:
        if self._parent is not None:
            if exception is None:
                await self._savepoint.release()  # type: ignore[no-untyped-call]
            else:
                await self._savepoint.rollback_to()  # type: ignore[no-untyped-call]
            return False
        try:
            return await super().__aexit__(exception_type, exception, traceback)
        finally:
            # Piccolo 1.38 skips both steps when COMMIT or ROLLBACK itself fails.
            if self.engine.current_transaction.get() is self:
                self.engine.current_transaction.reset(self.context)
                assert self.engine.pool is not None
                await self.engine.pool.release(self.connection)


def connection() -> "Connection[Any]":
    """The asyncpg connection of the open `UnitOfWork`, for COPY, unnest and advisory locks."""
    transaction = DB.current_transaction.get()
    if transaction is None:
        raise RuntimeError("open a UnitOfWork first")
    return transaction.connection
