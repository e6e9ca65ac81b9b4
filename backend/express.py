"""Requests that need no second thought, answered before the framework looks at them.

What it does for a request costs more than a heartbeat or a saved answer itself
(docs/decisions/0030). Whatever is not plain goes the usual way from its beginning: a token or a
limit that somebody has to be asked for, a body in parts or that is none, an error, a full queue. So
only what counts once, however often it comes, may have a lane.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
import structlog
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import HTTPScope, Receive, Scope, Send

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import known_caller
from backend.limits.domain import Counter, limit_headers
from backend.limits.policies import class_of

MOST_BYTES = 64 * 1024
_AT_ONCE_SECONDS = 1.0
_MOST_MESSAGES = 4  # of at most 64 KiB each, as the server cuts them
_SLOW_SECONDS = 2.0
_TOO_LATE = "no body yet"
_AN_ID = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"

_log = structlog.get_logger(__name__)


class Asked(msgspec.Struct, frozen=True):
    """A request for a lane, by a caller who may."""

    caller: Caller
    ids: tuple[str, ...]
    """Of the path, in its order."""
    body: bytes
    at: datetime


Answering = Callable[[State, Asked], Awaitable[bytes]]
"""The JSON of a 200; any error leaves the request to the usual way."""


class Lane:
    """Of one route: as the framework knows it, whom its guard lets pass, and how it is answered."""

    def __init__(self, method: str, template: str, role: Role, answering: Answering) -> None:
        self.method, self.template, self.role, self.answering = method, template, role, answering
        self.kind = class_of(method, template)
        self._path = re.compile(re.sub(r"\{\w+\}", _AN_ID, template))

    def ids(self, scope: HTTPScope) -> tuple[str, ...] | None:
        """None: another route's."""
        if scope["method"] != self.method or not (found := self._path.fullmatch(scope["path"])):
            return None
        return found.groups()


async def express(
    lanes: Iterable[Lane], state: State, scope: Scope, receive: Receive, send: Send
) -> Receive | None:
    """None when it is answered; else what the usual way is to receive."""
    if scope["type"] == ScopeType.HTTP:
        for lane in lanes:
            if (ids := lane.ids(scope)) is not None:
                return await _express(lane, ids, state, scope, receive, send)
    return receive


async def _express(
    lane: Lane, ids: tuple[str, ...], state: State, scope: Scope, receive: Receive, send: Send
) -> Receive | None:
    now: datetime = state.clock()
    caller = known_caller(state, scope, now=now)
    if caller is None or lane.role not in caller.roles:
        return receive
    messages = await _messages(receive)
    body = _whole(messages)
    if body is None:
        return _again(messages, receive)
    at = int(now.timestamp())
    counters = state.limits.take_at_once(lane.kind, caller.person_id, at=at)
    if counters is None:
        return _again(messages, receive)
    answer = await _answer(lane, state, Asked(caller, ids, body, now))
    if answer is None:
        return _again(messages, receive)
    await _respond(send, answer, counters, at)
    return None


async def _messages(receive: Receive) -> list[Any]:
    """All of the request, or what of it has come by now. A timer by itself costs a fifth of
    `asyncio.timeout`."""
    found: list[Any] = []
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    timer = loop.call_later(_AT_ONCE_SECONDS, task.cancel, _TOO_LATE)
    try:
        while not found or (found[-1].get("more_body") and len(found) < _MOST_MESSAGES):
            found.append(await receive())
    except asyncio.CancelledError as cancelled:
        if cancelled.args != (_TOO_LATE,):
            raise
        task.uncancel()
    finally:
        timer.cancel()
    return found


def _whole(messages: list[Any]) -> bytes | None:
    if not messages or messages[-1]["type"] != "http.request" or messages[-1].get("more_body"):
        return None
    body = b"".join([message["body"] for message in messages])
    return body if len(body) <= MOST_BYTES else None


async def _answer(lane: Lane, state: State, asked: Asked) -> bytes | None:
    began = time.perf_counter()
    try:
        answer = await lane.answering(state, asked)
    except Exception:  # whatever it is, the usual way meets it too, and says it
        return None
    if (seconds := time.perf_counter() - began) > _SLOW_SECONDS:
        said = {"method": lane.method, "route": lane.template, "status": 200}
        _log.info("answered", **said, seconds=round(seconds, 3))
    return answer


def _again(messages: list[Any], receive: Receive) -> Receive:
    """As if nothing had been received yet."""
    left = messages[::-1]

    async def received() -> Any:
        return left.pop() if left else await receive()

    return received


async def _respond(send: Send, body: bytes, counters: list[Counter], at: int) -> None:
    """What guards a page against framing and foreign scripts has nothing to guard here."""
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"x-content-type-options", b"nosniff"),
        *limit_headers(counters, at),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
