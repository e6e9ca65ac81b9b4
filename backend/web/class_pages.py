"""Pages of classes: the list, planning one, its desk and screen, and where a scanned code leads."""

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


@get("/classes")
async def classes(request: Visit, settings: Local) -> Response[str]:
    return page(request, settings, "classes", script="classes")


@get("/classes/{session_id:uuid}/code")
async def class_code(request: Visit, settings: Local, session_id: FromPath[UUID]) -> Response[str]:
    return page(request, settings, "class-code", script="class-code", session_id=session_id)


@get("/classes/new")
async def class_plan(request: Visit, settings: Local) -> Response[str]:
    return page(request, settings, "class-plan", script="class-plan")


@get("/classes/{session_id:uuid}/desk")
async def class_desk(request: Visit, settings: Local, session_id: FromPath[UUID]) -> Response[str]:
    """For any address: whose class it is, is the API's word."""
    return page(request, settings, "class-desk", script="class-desk", session_id=session_id)


@get("/c/{code:str}")
async def scanned(request: Visit, settings: Local, code: FromPath[str]) -> Response[str]:
    """Any code: whether it is one, and still shown, is the API's word."""
    return page(request, settings, "scanned", script="scanned", code=code[:80])


ROUTES: list[Any] = [
    Router(
        "/",
        route_handlers=[classes, class_plan, class_code, class_desk, scanned],
        include_in_schema=False,
        exception_handlers=HANDLERS,
    )
]
