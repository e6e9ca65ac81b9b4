"""Heartbeats that need no second thought, answered before the framework looks at them.

What it does for a request costs more than a heartbeat itself (docs/decisions/0030). Whatever is
not plain goes the usual way from its beginning: a token not seen before, a limit that somebody has
to be asked for, a body in parts, an event that is none, a full queue. A heartbeat that comes twice
counts once, so that is always right.
"""

import asyncio
import time
from datetime import datetime
from typing import Any

import structlog
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send

from backend.accounts.domain import Caller
from backend.accounts.guards import known_caller
from backend.limits.domain import Counter, limit_headers
from backend.limits.policies import RouteClass
from backend.progress.heartbeats.route import MAX_BYTES, PATH, ROLE, decode, encode, store
from backend.progress.heartbeats.service import Batch
from backend.progress.schemas import HeartbeatAnswer
from infra.errors import DomainError
from infra.unreadable import UNREADABLE

_AT_ONCE_SECONDS = 1.0
_MOST_MESSAGES = 4  # of at most 64 KiB each, as the server cuts them
_SLOW_SECONDS = 2.0
_TOO_LATE = "no body yet"

_log = structlog.get_logger(__name__)


def is_heartbeat(scope: Scope) -> bool:
    return scope["type"] == ScopeType.HTTP and (scope["path"], scope["method"]) == (PATH, "POST")


async def express(state: State, scope: Scope, receive: Receive, send: Send) -> Receive | None:
    """None when it is answered; else what the usual way is to receive."""
    now: datetime = state.clock()
    caller = known_caller(state, scope, now=now)
    if caller is None or ROLE not in caller.roles:
        return receive
    messages = await _messages(receive)
    body = _whole(messages)
    if body is None:
        return _again(messages, receive)
    at = int(now.timestamp())
    counters = state.limits.take_at_once(RouteClass.HEARTBEAT, caller.person_id, at=at)
    answer = None if counters is None else await _answer(state, caller, body, now)
    if answer is None:
        return _again(messages, receive)
    await _respond(send, encode(answer), counters, at)
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
    return body if len(body) <= MAX_BYTES else None


async def _answer(
    state: State, caller: Caller, body: bytes, now: datetime
) -> HeartbeatAnswer | None:
    began = time.perf_counter()
    try:
        events = decode(body).events
        batch = Batch(learner_id=caller.person_id, received_at=now, events=events)
        answer = await store(state, batch)
    except (*UNREADABLE, DomainError):
        return None
    if (seconds := time.perf_counter() - began) > _SLOW_SECONDS:
        _log.info("answered", method="POST", route=PATH, status=200, seconds=round(seconds, 3))
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
