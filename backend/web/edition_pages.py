"""Pages of editions: what was handed in, proposing one, and what a release would do."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend.web.errors import HANDLERS
from backend.web.pages import page
from infra.settings import Settings

Visit = Request[Any, Any, Any]
Local = NamedDependency[Settings]


@get("/editions")
async def editions(request: Visit, settings: Local) -> Response[str]:
    return page(request, settings, "editions", script="editions")


@get("/editions/drafts/{draft_id:uuid}")
async def draft(request: Visit, settings: Local, draft_id: FromPath[UUID]) -> Response[str]:
    return page(request, settings, "edition-draft", script="edition-draft", draft_id=draft_id)


@get("/editions/releases/{release_id:uuid}")
async def release(request: Visit, settings: Local, release_id: FromPath[UUID]) -> Response[str]:
    return page(
        request, settings, "edition-release", script="edition-release", release_id=release_id
    )


ROUTES: list[Any] = [
    Router(
        "/",
        route_handlers=[editions, draft, release],
        include_in_schema=False,
        exception_handlers=HANDLERS,
    )
]
