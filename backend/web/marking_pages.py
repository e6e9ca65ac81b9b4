"""Pages of those who mark essays, and of those who put faulty items right."""

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


@get("/remedies")
async def remedies(
    request: Request[Any, Any, Any], settings: NamedDependency[Settings]
) -> Response[str]:
    return page(request, settings, "remedies", script="remedies")


ROUTES: list[Any] = [
    Router(
        "/",
        route_handlers=[marking, remedies],
        include_in_schema=False,
        exception_handlers=HANDLERS,
    )
]
