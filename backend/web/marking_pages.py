"""The page of those who mark essays."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency

from backend.web.errors import HANDLERS
from backend.web.pages import page
from infra.settings import Settings


@get("/marking")
async def marking(
    request: Request[Any, Any, Any], settings: NamedDependency[Settings]
) -> Response[str]:
    return page(request, settings, "marking", script="marking")


ROUTES: list[Any] = [
    Router("/", route_handlers=[marking], include_in_schema=False, exception_handlers=HANDLERS)
]
