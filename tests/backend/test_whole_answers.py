"""Answers over a real socket, by the server's protocol alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from backend.whole_answers import HeldBack, WholeAnswers

ASK = b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n"
LENGTH = (b"content-length", b"4")


class Written:
    """What was handed to the socket at once, in order."""

    def __init__(self) -> None:
        self.calls: list[bytes] = []
        self.left = False

    def is_closing(self) -> bool:
        return self.left

    def write(self, sent: bytes) -> None:
        self.calls.append(sent)

    def writelines(self, sent: list[bytes]) -> None:
        self.calls.append(b"".join(sent))

    def close(self) -> None:
        self.calls.append(b"closed")


async def answers(scope: Any, receive: Any, send: Any) -> None:
    path = scope["path"]
    headers = [LENGTH] if path != "/stream" else []
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if path == "/stream":
        await receive()  # the end of the request, then that the reader is gone
        await receive()
    elif path == "/broken":
        raise RuntimeError("after the head")
    await send({"type": "http.response.body", "body": b"body", "more_body": False})


@asynccontextmanager
async def asked(path: bytes) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    config = uvicorn.Config(answers, http=WholeAnswers, log_config=None, lifespan="off")
    config.load()
    loop, state = asyncio.get_running_loop(), ServerState()
    server = await loop.create_server(lambda: WholeAnswers(config, state, {}), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASK % path)
        yield reader, writer
        writer.close()
        await writer.wait_closed()


async def test_two_answers_on_one_line_come_whole() -> None:
    async with asked(b"/") as (reader, writer):
        for _ in range(2):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK\r\n")
            assert await reader.readexactly(4) == b"body"
            writer.write(ASK % b"/")


async def test_a_head_does_not_wait_for_a_body_that_comes_later() -> None:
    async with asked(b"/stream") as (reader, _):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK\r\n")


async def test_what_breaks_after_its_head_ends_the_line() -> None:
    async with asked(b"/broken") as (reader, _):
        assert (await reader.read()).endswith(b"content-length: 4\r\n\r\n")


@pytest.mark.parametrize("ending", ["turn", "close"])
async def test_head_and_body_are_written_once_and_a_head_alone_by_its_turn_or_end(
    ending: str,
) -> None:
    written = Written()
    held = HeldBack(written, asyncio.get_running_loop())  # type: ignore[arg-type]
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    held.write(head)
    held.write(b"body")
    held.write(b"more")
    assert written.calls == [head + b"body", b"more"]
    held.write(head)
    assert len(written.calls) == 2
    if ending == "turn":
        await asyncio.sleep(0)
    else:
        held.close()
    assert written.calls[2:] == [head, *([b"closed"] if ending == "close" else [])]


async def test_nothing_is_written_to_who_has_left() -> None:
    written = Written()
    held = HeldBack(written, asyncio.get_running_loop())  # type: ignore[arg-type]
    held.write(b"HTTP/1.1 200 OK\r\n\r\n")
    written.left = True
    await asyncio.sleep(0)
    assert written.calls == []
