"""Pages of class hours: my own, and where an administrator corrects somebody's."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency

from backend.web.errors import HANDLERS
from backend.web.pages import page
from infra.settings import Settings

Visit = Request[Any, Any, Any]
Local = NamedDependency[Settings]


@get("/hours")
async def hours(request: Visit, settings: Local) -> Response[str]:
    return page(request, settings, "hours", script="hours")


@get("/hours/desk")
async def hours_desk(request: Visit, settings: Local) -> Response[str]:
    """For anybody: who may look and correct, is the API's word."""
    return page(request, settings, "hours-desk", script="hours-desk")


ROUTES: list[Any] = [
    Router(
        "/",
        route_handlers=[hours, hours_desk],
        include_in_schema=False,
        exception_handlers=HANDLERS,
    )
]
