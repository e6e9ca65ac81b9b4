"""What every response carries, and one log line for each that went wrong."""

import re
import time
from typing import Any
from urllib.parse import urlsplit

import structlog
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from backend.logs import within_request
from infra.ids import uuid7
from infra.settings import Settings

_log = structlog.get_logger(__name__)
_GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
_SLOW_SECONDS = 2.0
BODY_LIMIT = 256 * 1024
"""Bytes of a request's body, unless its route says otherwise (uploads do)."""


class RequestLog(ASGIMiddleware):
    """Logs failures and slow answers by the route's template: a path may hold a token."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope["type"] != ScopeType.HTTP:
            await next_app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        request_id(scope)  # before anything may log it
        within_request.set(scope)  # a request is a task of its own: nothing to take back
        await next_app(scope, receive, watched)
        seconds = time.perf_counter() - began
        if status >= 500 or (status >= 400 and status != 404) or seconds > _SLOW_SECONDS:
            _log.info(
                "answered",
                method=scope.get("method"),
                route=scope.get("path_template"),
                status=status,
                seconds=round(seconds, 3),
            )


async def add_headers(message: Message, scope: Scope) -> None:
    """A `before_send` hook, because it also sees answers that reach no route.

    On bare pairs: every heartbeat pays for this.
    """
    if message["type"] != "http.response.start":
        return
    given = list(message.get("headers", []))
    names = {name.lower() for name, _ in given}
    ours: list[tuple[bytes, bytes]] = Litestar.from_scope(scope).state.response_headers
    given += [pair for pair in ours if pair[0] not in names]
    given.append((b"x-request-id", request_id(scope).encode()))
    message["headers"] = given


def request_id(scope: Scope) -> str:
    """The caller's own X-Request-ID when it is a plain word, else one of ours."""
    state: dict[str, Any] = scope.setdefault("state", {})
    if "request_id" not in state:
        given = next((v for k, v in scope["headers"] if k == b"x-request-id"), b"").decode(
            "latin-1"
        )
        state["request_id"] = given if _GIVEN_ID.fullmatch(given) else str(uuid7())
    return str(state["request_id"])


def response_headers(settings: Settings) -> list[tuple[bytes, bytes]]:
    """Of every answer, as servers take them."""
    headers = security_headers(settings).items()
    return [(name.lower().encode(), value.encode()) for name, value in headers]


def security_headers(settings: Settings) -> dict[str, str]:
    headers = {
        "Content-Security-Policy": content_security_policy(_store_origin(settings)),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    if settings.public_url.startswith("https:"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def content_security_policy(store: str, *, styles: str = "'self'") -> str:
    """hls.js feeds the video from a blob and works in a blob's worker; segments are the store's."""
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self'",
            f"style-src {styles}",
            f"img-src 'self' data: blob: {store}".rstrip(),
            f"media-src 'self' blob: {store}".rstrip(),
            f"connect-src 'self' {store}".rstrip(),
            "worker-src 'self' blob:",
            "font-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def _store_origin(settings: Settings) -> str:
    """Scheme and host of the address phones reach the object store under; "" when unset."""
    parts = urlsplit(settings.objects_public_url or settings.objects_url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}" if host else ""
