"""Is it alive, and can it work? For a load balancer, an orchestrator and `guanbiao doctor`."""

import asyncio
from collections.abc import Awaitable

import structlog
from litestar import Response, get
from litestar.di import NamedDependency

from infra.instance import public_url
from infra.objects import ObjectStore

_log = structlog.get_logger(__name__)
_PATIENCE_SECONDS = 3
_NO_STORE = {"Cache-Control": "no-store"}


@get("/healthz", operation_id="Healthz", tags=["service"])
async def healthz() -> Response[dict[str, str]]:
    """The process answers; nothing else is asked."""
    return Response({"status": "alive"}, headers=_NO_STORE)


@get("/readyz", operation_id="Readyz", tags=["service"])
async def readyz(objects: NamedDependency[ObjectStore]) -> Response[dict[str, str]]:
    """200 when database and object store answer, else 503; either part by name."""
    parts = {
        "database": await _answers("database", public_url()),
        "objects": await _answers("objects", objects.list_names("readyz/")),
    }
    ready = all(state == "ready" for state in parts.values())
    body = {"status": "ready" if ready else "not-ready", **parts}
    return Response(body, status_code=200 if ready else 503, headers=_NO_STORE)


async def _answers(part: str, question: Awaitable[object]) -> str:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await question
    except Exception as error:
        _log.warning("not_ready", part=part, error=type(error).__name__)
        return "not-ready"
    return "ready"


ROUTES = [healthz, readyz]
