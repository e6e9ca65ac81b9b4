"""One process at a time, however many workers there are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg


@asynccontextmanager
async def alone(dsn: str, lock: int) -> AsyncIterator[bool]:
    """False while another holds `lock`. A connection of its own holds it: it ends with the process,
    however that ends."""
    held: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(dsn)
    try:
        yield bool(await held.fetchval("SELECT pg_try_advisory_lock($1)", lock))
    finally:
        await held.close()
