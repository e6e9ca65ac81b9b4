"""A body that comes drop by drop is refused; a client that waits for events is not."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from litestar import Litestar, Request, asgi, get, post
from litestar.params import JSONBody
from litestar.types import Receive, Scope, Send

from backend.body_time import BodyTime
from backend.problems import HANDLERS

AT_ONCE = 1e12  # bytes a second: nobody is that fast
DRIP = [{"type": "http.request", "body": b"{", "more_body": True}]


@post("/small", sync_to_thread=False)
def small(data: JSONBody[dict[str, int]]) -> dict[str, int]:
    return data


@post("/file", request_max_body_size=None)
async def file(request: Request[Any, Any, Any]) -> None:
    async with asyncio.timeout(0.1):
        await request.body()


@asgi("/raw", copy_scope=False)
async def raw(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass


@get("/events")
async def events(request: Request[Any, Any, Any]) -> None:
    await request.body()
    async with asyncio.timeout(0.1):
        await request.receive()


async def answer(
    path: str, messages: Sequence[Any], *, method: str = "POST", pace: float = AT_ONCE
) -> tuple[int, bytes]:
    """Of a client that says no more after `messages`."""
    said, sent = iter(messages), list[Any]()

    async def receive() -> Any:
        for message in said:
            return message
        return await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    app = Litestar(
        [small, file, raw, events],
        middleware=[BodyTime(pace)],
        exception_handlers=HANDLERS,
        request_max_body_size=256 * 1024,
        openapi_config=None,
    )
    scope: Any = {
        **{"type": "http", "method": method, "path": path, "raw_path": path.encode()},
        **{"query_string": b"", "headers": [(b"content-type", b"application/json")]},
        **{"client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "scheme": "http"},
        **{"http_version": "1.1", "asgi": {"version": "3.0"}, "root_path": ""},
    }
    async with asyncio.timeout(10):
        await app(scope, receive, send)
    body = b"".join(one.get("body", b"") for one in sent)
    return sent[0]["status"], body


@pytest.mark.parametrize("path", ["/small", "/raw"])
@pytest.mark.parametrize("messages", [[], DRIP])
async def test_a_body_that_never_ends_is_refused_in_words(path: str, messages: Any) -> None:
    status, body = await answer(path, messages)
    assert status == 408
    assert msgspec.json.decode(body)["code"] == "request-too-slow"


async def test_a_body_in_time_is_taken() -> None:
    whole = [*DRIP, {"type": "http.request", "body": b'"a":1}', "more_body": False}]
    assert await answer("/small", whole, pace=13_000) == (201, b'{"a":1}')


async def test_a_route_for_files_has_its_own_patience() -> None:
    status, body = await answer("/file", DRIP)
    assert (status, msgspec.json.decode(body)["code"]) == (500, "unexpected")


async def test_who_waits_for_events_may_wait() -> None:
    nothing = [{"type": "http.request", "body": b"", "more_body": False}]
    status, body = await answer("/events", nothing, method="GET", pace=13_000_000)
    assert (status, msgspec.json.decode(body)["code"]) == (500, "unexpected"), (
        "by itself, not by us"
    )
