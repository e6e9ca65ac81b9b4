"""The page of those who decide about records. What it shows comes from the API, by script."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency

from backend.web.errors import HANDLERS
from backend.web.pages import page
from infra.settings import Settings


@get("/decisions")
async def decisions(
    request: Request[Any, Any, Any], settings: NamedDependency[Settings]
) -> Response[str]:
    """`?record=` opens one, by number or code."""
    return page(request, settings, "decisions", script="decisions")


ROUTES: list[Any] = [
    Router("/", route_handlers=[decisions], include_in_schema=False, exception_handlers=HANDLERS)
]
