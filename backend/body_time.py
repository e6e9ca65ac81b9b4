"""A small body comes at once or not at all: who sends it a byte a minute keeps a connection busy.

Routes that take files have no `request_max_body_size` and their own patience (`sent_file`, tus).
"""

import asyncio

from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, ReceiveMessage, Scope, Send

from backend.edge import BODY_LIMIT
from infra.errors import DomainError

BYTES_A_SECOND = 13_000
"""A third of the worst line we serve; 20 s for the largest body that most routes take."""


class RequestTooSlow(DomainError):
    """The request came too slowly; nothing was stored. Send it again over a better line."""

    status_code = 408
    zh = "请求传输过慢，未保存任何内容，请在网络较好时重新发送。"

    def __init__(self) -> None:
        super().__init__()
        self.headers["Connection"] = "close"  # else its rest keeps the connection busy


class BodyTime(ASGIMiddleware):
    """Raises RequestTooSlow where the body is read. Waiting for a client to go away has no end."""

    def __init__(self, bytes_a_second: float = BYTES_A_SECOND) -> None:
        self._pace = bytes_a_second

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope["type"] == ScopeType.HTTP and (size := _largest(scope)) is not None:
            receive = self._in_time(receive, size / self._pace)
        await next_app(scope, receive, send)

    def _in_time(self, receive: Receive, seconds: float) -> Receive:
        latest = asyncio.get_running_loop().time() + seconds
        complete = False

        async def timed() -> ReceiveMessage:
            nonlocal complete
            if complete:
                return await receive()
            try:
                async with asyncio.timeout_at(latest):
                    message = await receive()
            except TimeoutError as error:
                raise RequestTooSlow from error
            complete = not message.get("more_body")
            return message

        return timed


def _largest(scope: Scope) -> int | None:
    """Bytes that the route takes; None: as many as it reads. A raw route states no size."""
    handler = scope["route_handler"]
    if isinstance(handler, HTTPRouteHandler):
        return handler.resolve_request_max_body_size()
    return BODY_LIMIT
