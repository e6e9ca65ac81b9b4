"""Pages of the ways to check a record. They work without a script."""

from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency

from backend.checking.schemas import HolderQuestion
from backend.records.lookups import service as lookups
from backend.web.errors import HANDLERS
from backend.web.pages import page
from infra.settings import Settings
from infra.vault import Vault

Visit = Request[Any, Any, Any]
Local = NamedDependency[Settings]


@get("/check")
async def check(request: Visit, settings: Local) -> Response[str]:
    return page(request, settings, "check", number="", name="", answer=None)


@post("/check", status_code=200)
async def checked(request: Visit, settings: Local, vault: NamedDependency[Vault]) -> Response[str]:
    """A form, so that name and number stand in no address."""
    sent = await request.form()
    number, name = (str(sent.get(field, "")).strip()[:200] for field in ("number", "name"))
    answer = "incomplete"
    try:
        asked = msgspec.convert({"number": number, "name": name}, HolderQuestion)
        found = await lookups.holder_is(vault, asked.number, asked.name)
        answer = "matches" if found else "differs"
    except msgspec.ValidationError:
        pass
    shown = page(request, settings, "check", number=number, name=name, answer=answer)
    shown.headers["Cache-Control"] = "no-store"
    return shown


ROUTES: list[Any] = [
    Router(
        "/",
        route_handlers=[check, checked],
        include_in_schema=False,
        exception_handlers=HANDLERS,
    )
]
