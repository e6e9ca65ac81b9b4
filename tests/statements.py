"""What was asked of the database while something was done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.one_connection import connection


@asynccontextmanager
async def counted() -> AsyncIterator[list[str]]:
    """Statements sent meanwhile on the test's one connection, savepoints apart."""
    found: list[str] = []

    def log(record: Any) -> None:
        if not record.query.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            found.append(record.query)

    with connection().query_logger(log):
        yield found
        await asyncio.sleep(0)  # asyncpg tells its loggers in the loop's next round
