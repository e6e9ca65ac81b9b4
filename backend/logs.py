"""One JSON line an event on standard error. Never a body, a query, or a person's data."""

import logging
import re
import sys
from contextvars import ContextVar
from typing import Any

import structlog
from litestar.types import Scope
from structlog.typing import EventDict

_PERSON_DATA = re.compile(
    r"(?<!\d)(?:86)?1[3-9]\d{9}(?!\d)"  # mobile numbers
    r"|(?<!\d)[1-9]\d{5}(?:19|20)\d{9}[\dXx](?!\d)"  # numbers of identity cards (GB 11643)
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.ASCII,
)
_SECRETS = frozenset({"password", "token", "authorization", "cookie", "login", "email", "phone"})


within_request: ContextVar[Scope | None] = ContextVar("request", default=None)
"""The ASGI scope of the request that is being answered."""


class _Stderr:
    """Looks the stream up at each line, so that whoever redirects it later is obeyed."""

    def msg(self, line: str) -> None:
        sys.stderr.write(line + "\n")

    log = debug = info = warning = error = critical = exception = fatal = msg


def configure_logs(level: int = logging.INFO) -> None:
    """Once at start; repeating it changes nothing but the level."""
    structlog.configure(
        processors=[
            with_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            without_person_data,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Stderr(),
    )


def with_request_id(_: Any, __: str, event: EventDict) -> EventDict:
    """Read only when a line is written: most requests write none."""
    scope = within_request.get()
    if scope is not None:
        event["request"] = scope.get("state", {}).get("request_id")
    return event


def without_person_data(_: Any, __: str, event: EventDict) -> EventDict:
    """The belt; the braces are that nobody logs such things. Exceptions may quote a value."""
    for name, value in event.items():
        if name in _SECRETS:
            event[name] = "***"
        elif isinstance(value, str):
            event[name] = _PERSON_DATA.sub("***", value)
    return event
