"""The page on which authors see how the questions did."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency

from backend.web.errors import HANDLERS
from backend.web.pages import page
from infra.settings import Settings


@get("/item-statistics")
async def item_statistics(
    request: Request[Any, Any, Any], settings: NamedDependency[Settings]
) -> Response[str]:
    return page(request, settings, "item-statistics", script="item-statistics")


ROUTES: list[Any] = [
    Router(
        "/",
        route_handlers=[item_statistics],
        include_in_schema=False,
        exception_handlers=HANDLERS,
    )
]
