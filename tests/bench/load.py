"""A bounded load on a loopback address: keep-alive connections that send one request after another.

Written on bare streams because a full HTTP client would cost more than the server it measures.
"""

import asyncio
import time
from collections.abc import Callable
from urllib.parse import urlsplit

Request = Callable[[int, int], bytes]
"""(connection, turn) -> the whole request as bytes."""


def post(path: str, body: bytes, headers: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def requests_per_second(
    base_url: str, request: Request, *, connections: int, turns: int
) -> float:
    """Answers per second; any answer but a 2xx is an error and ends the measurement."""
    started = time.perf_counter()
    await asyncio.gather(*(_one(base_url, request, number, turns) for number in range(connections)))
    return connections * turns / (time.perf_counter() - started)


async def latencies(
    base_url: str, request: Request, *, connections: int, rate: float, turns: int
) -> list[float]:
    """Seconds from the moment each request was due to its answer, at `rate` a second together: a
    server that falls behind is charged for those that wait, too."""
    begin, every = time.perf_counter() + 0.1, connections / rate
    taken = await asyncio.gather(
        *(
            _paced(base_url, request, number, begin + every * number / connections, every, turns)
            for number in range(connections)
        )
    )
    return [one for some in taken for one in some]


async def _paced(
    base_url: str, request: Request, number: int, begin: float, every: float, turns: int
) -> list[float]:
    address = urlsplit(base_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    taken = []
    for turn in range(turns):
        due = begin + turn * every
        await asyncio.sleep(due - time.perf_counter())
        writer.write(request(number, turn))
        await _answer(reader)
        taken.append(time.perf_counter() - due)
    writer.close()
    await writer.wait_closed()
    return taken


async def _one(base_url: str, request: Request, number: int, turns: int) -> None:
    address = urlsplit(base_url)
    assert address.hostname == "127.0.0.1", "loads go to loopback only"
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    for turn in range(turns):
        writer.write(request(number, turn))
        await _answer(reader)
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 2"):
        raise RuntimeError(head.decode(errors="replace"))
    lowered = head.lower()
    at = lowered.index(b"content-length:") + len(b"content-length:")
    return await reader.readexactly(int(lowered[at : lowered.index(b"\r\n", at)]))
