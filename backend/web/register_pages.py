"""The public register of certification bodies, as pages that work without a script; and the desks
of those who keep it."""

from datetime import date, datetime
from typing import Annotated, Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from backend.certification_bodies import service
from backend.certification_bodies.code_tables import GRADES
from backend.certification_bodies.domain import NoSuchBody, shanghai_day
from backend.web.errors import HANDLERS
from backend.web.language import language_of
from backend.web.pages import page
from infra.settings import Settings
from infra.vault import Vault

Visit = Request[Any, Any, Any]
Local = NamedDependency[Settings]
AsAt = Annotated[str, QueryParameter(name="asAt", max_length=10)]
After = Annotated[str, QueryParameter(max_length=18, pattern="^[0-9A-Z]*$")]
_SHOWN = 100


def _day(typed: str, now: datetime) -> date:
    """A form without a script may send anything: what is no day means today."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return shanghai_day(now)


@get("/bodies")
async def bodies(
    request: Visit,
    settings: Local,
    now: NamedDependency[datetime],
    as_at: AsAt = "",
    cursor: After = "",
) -> Response[str]:
    found = await service.bodies(_day(as_at, now), None, cursor=cursor, limit=_SHOWN, now=now)
    return page(request, settings, "bodies", list=found)


@get("/register")
async def register(request: Visit, settings: Local) -> Response[str]:
    """For who keeps it, and for who may look an auditor up: the API knows who that is."""
    return page(request, settings, "register", script="register")


@get("/bodies/{code:str}/desk")
async def body_desk(request: Visit, settings: Local, code: FromPath[str]) -> Response[str]:
    return page(request, settings, "body-desk", script="body-desk", code=_code(code))


@get("/bodies/{code:str}/checking")
async def body_checking(request: Visit, settings: Local, code: FromPath[str]) -> Response[str]:
    return page(request, settings, "body-checking", script="body-checking", code=_code(code))


def _code(typed: str) -> str:
    if len(typed) != 18 or not typed.isascii() or not typed.isalnum():
        raise NoSuchBody
    return typed


@get("/bodies/{code:str}")
async def body(
    request: Visit,
    settings: Local,
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
    code: FromPath[str],
    as_at: AsAt = "",
) -> Response[str]:
    code = _code(code)
    found = await service.body_page(code, _day(as_at, now), None, now=now)
    auditors = await service.auditors_of(vault, code, cursor=None, limit=_SHOWN, now=now)
    titles = {g.code: g.zh if language_of(request) == "zh" else g.en for g in GRADES}
    return page(
        request,
        settings,
        "body",
        body=found,
        auditors=auditors,
        grades=titles,
        tone={"listed": "good", "suspended": "grey", "removed": "bad"},
    )


ROUTES: list[Any] = [
    Router(
        "/",
        route_handlers=[bodies, body, body_desk, body_checking, register],
        include_in_schema=False,
        exception_handlers=HANDLERS,
    )
]
