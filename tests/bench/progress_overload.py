"""More heartbeats at once than wait in line, while the database stands still: what each client is
told, and whether coming again as told is enough."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg
import msgspec

_OPENED_AT_ONCE = 500  # a server's backlog takes so many
_PATIENCE_SECONDS = 60.0


class Overload(msgspec.Struct):
    accepted: int = 0
    refused: int = 0
    """503 with Retry-After, once or more."""
    told_after: float = 0
    """Seconds until the last refusal was heard."""
    done_after: float = 0
    """Seconds from the database's return to the last heartbeat's being durable."""


async def overload(
    url: str, requests: Sequence[bytes], database: str, *, still_seconds: float
) -> Overload:
    """Each on a connection of its own. Any answer but 200 and 503 is an error, as is silence."""
    address, found = urlsplit(url), Overload()
    lines = []
    for first in range(0, len(requests), _OPENED_AT_ONCE):
        some = requests[first : first + _OPENED_AT_ONCE]
        opened = [asyncio.open_connection(address.hostname, address.port) for _ in some]
        lines += await asyncio.gather(*opened)
    began = time.perf_counter()
    async with asyncio.timeout(_PATIENCE_SECONDS):
        async with _still(database):
            tasks = [
                asyncio.create_task(_until_durable(line, request, found, began))
                for line, request in zip(lines, requests, strict=True)
            ]
            await asyncio.sleep(still_seconds)
        back = time.perf_counter()
        await asyncio.gather(*tasks)
    found.done_after = time.perf_counter() - back
    for _, writer in lines:
        writer.close()
    return found


async def _until_durable(
    line: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    request: bytes,
    found: Overload,
    began: float,
) -> None:
    reader, writer = line
    while True:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        at = head.index(b"content-length:") + 15
        await reader.readexactly(int(head[at : head.index(b"\r\n", at)]))
        if head.startswith(b"http/1.1 200"):
            found.accepted += 1
            return
        assert head.startswith(b"http/1.1 503"), head
        at = head.index(b"retry-after:") + 12
        found.refused += 1
        found.told_after = time.perf_counter() - began
        await asyncio.sleep(int(head[at : head.index(b"\r\n", at)]))


@asynccontextmanager
async def _still(dsn: str) -> AsyncIterator[None]:
    """Nobody gets at a seat meanwhile."""
    database = await asyncpg.connect(dsn)
    try:
        async with database.transaction():
            await database.execute("LOCK TABLE learner_seat IN EXCLUSIVE MODE")
            yield
    finally:
        await database.close()
