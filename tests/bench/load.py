"""A bounded load on a loopback address: keep-alive connections that send one request after another.

Written on a bare protocol because a full HTTP client would cost more than the server it measures,
on the same cores.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any
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
    # Made beforehand: phones do that on processors of their own.
    asked = [[request(number, turn) for turn in range(turns)] for number in range(connections)]
    lines = await _lines(base_url, connections)
    started = time.perf_counter()
    await asyncio.gather(*map(_ask, lines, asked))
    seconds = time.perf_counter() - started
    for line in lines:
        line.close()
    return connections * turns / seconds


async def latencies(
    base_url: str, request: Request, *, connections: int, rate: float, turns: int
) -> list[float]:
    """Seconds from the moment each request was due to its answer, at `rate` a second together: a
    server that falls behind is charged for those that wait, too."""
    lines = await _lines(base_url, connections)
    begin, every = time.perf_counter() + 0.1, connections / rate
    taken = await asyncio.gather(
        *(
            _paced(line, request, n, begin + every * n / connections, every, turns)
            for n, line in enumerate(lines)
        )
    )
    for line in lines:
        line.close()
    return [one for some in taken for one in some]


async def _ask(line: "Line", requests: list[bytes]) -> None:
    for request in requests:
        await line.ask(request)


async def _paced(
    line: "Line", request: Request, number: int, begin: float, every: float, turns: int
) -> list[float]:
    taken = []
    for turn in range(turns):
        due = begin + turn * every
        await asyncio.sleep(due - time.perf_counter())
        await line.ask(request(number, turn))
        taken.append(time.perf_counter() - due)
    return taken


async def _lines(base_url: str, connections: int) -> list["Line"]:
    address, loop = urlsplit(base_url), asyncio.get_running_loop()
    assert address.hostname == "127.0.0.1", "loads go to loopback only"
    opened = [
        loop.create_connection(Line, address.hostname, address.port or 80)
        for _ in range(connections)
    ]
    return [line for _, line in await asyncio.gather(*opened)]


class Line(asyncio.Protocol):
    """One connection; one request under way at a time."""

    def __init__(self) -> None:
        self._read = b""
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport  # uvloop's own kind

    def ask(self, request: bytes) -> "asyncio.Future[bytes]":
        """The whole answer. RuntimeError when it is no 2xx."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._read += data
        if self._answer is None or not _whole(self._read):
            return
        answer, self._read, told = self._read, b"", self._answer
        self._answer = None
        if answer.startswith(b"HTTP/1.1 2"):
            told.set_result(answer)
        else:
            told.set_exception(RuntimeError(answer.decode(errors="replace")))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None:
            self._answer.set_exception(exc or ConnectionError("the server hung up"))

    @property
    def closed(self) -> bool:
        """By the server, which may be tired of waiting."""
        return bool(self._transport.is_closing())

    def close(self) -> None:
        self._transport.close()


def _whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    lowered = head.lower()
    at = lowered.index(b"content-length:") + len(b"content-length:")
    return len(body) >= int(lowered[at:].partition(b"\r\n")[0])
