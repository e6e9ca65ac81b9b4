"""Pages of the ways to check a record. They work without a script."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend.checking.schemas import HolderQuestion
from backend.checking.sharing import service as sharing
from backend.checking.sharing.domain import NoSuchLink
from backend.records.lookups import service as lookups
from backend.web import verification
from backend.web.errors import HANDLERS
from backend.web.language import language_of
from backend.web.pages import page
from infra.settings import Settings
from infra.vault import Vault

Visit = Request[Any, Any, Any]
Local = NamedDependency[Settings]


@get("/check")
async def check(request: Visit, settings: Local) -> Response[str]:
    return _check(request, settings, number="", name="", answer=None)


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
    shown = _check(request, settings, number=number, name=name, answer=answer)
    shown.headers["Cache-Control"] = "no-store"
    return shown


def _check(
    request: Visit, settings: Settings, *, number: str, name: str, answer: str | None
) -> Response[str]:
    """Besides, a file is checked here by the visitor's own browser."""
    pins = [verification.REAL_PINS, *[verification.DEMONSTRATION_PINS] * settings.demo]
    return page(
        request,
        settings,
        "check",
        script="verify",
        number=number,
        name=name,
        answer=answer,
        v=None,
        own=verification.own_words(language_of(request), *pins),
    )


@get("/shared/{token:str}")
async def shared(
    request: Visit,
    settings: Local,
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
    token: FromPath[str],
) -> Response[str]:
    """The token leaves this page with no link, and no search engine keeps it."""
    try:
        found = await sharing.opened(vault, token, now=now)
    except NoSuchLink:
        answer = page(request, settings, "share-ended", status_code=404)
    else:
        answer = page(
            request,
            settings,
            "shared",
            demonstration=found.verdict.demonstration,
            shared=found,
            v=found.verdict,
            tone=verification.tone(found.verdict.verdict),
        )
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, noarchive"
    return answer


ROUTES: list[Any] = [
    Router(
        "/",
        route_handlers=[check, checked, shared],
        include_in_schema=False,
        exception_handlers=HANDLERS,
    )
]
