"""What a record is given for: a page to people, an Open Badges achievement to programs."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend.curriculum import service as curriculum
from backend.records.achievements import achievement_document
from backend.web.errors import HANDLERS
from backend.web.pages import page
from courses.format import Edition, Programme
from courses.record_kinds import kind_of
from infra.instance import public_url
from infra.settings import Settings

Visit = Request[Any, Any, Any]
_LONGEST = 64


@get("/achievements/{edition_code:str}/{programme_code:str}")
async def achievement(
    request: Visit,
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
    edition_code: FromPath[str],
    programme_code: FromPath[str],
) -> Response[Any]:
    """Under the address that records name as their achievement. Editions stay, so this does."""
    edition = await curriculum.edition(edition_code[:_LONGEST])
    programme = curriculum.programme_in(edition, programme_code, demo=settings.demo)
    sha256 = await curriculum.sha256_of(edition.code)
    if "text/html" not in request.headers.get("accept", ""):
        document = achievement_document(await public_url(), edition, sha256, programme)
        return Response(document, media_type="application/ld+json", headers=_HEADERS)
    shown = page(
        request,
        settings,
        "achievement",
        demonstration=programme.demonstration,
        edition=edition,
        programme=programme,
        exam=edition.exam(programme.exam),
        kind=kind_of(programme.code),
        years=_years(edition, programme, now),
        sha256=sha256,
    )
    shown.headers["Vary"] += ", Accept"
    return shown


_HEADERS = {
    "Cache-Control": "public, max-age=300",
    "Access-Control-Allow-Origin": "*",
    "Vary": "Accept",
}


def _years(edition: Edition, programme: Programme, now: datetime) -> int | None:
    return edition.figure(programme.validity, now.date()) if programme.validity else None


ROUTES: list[Any] = [
    Router("/", route_handlers=[achievement], include_in_schema=False, exception_handlers=HANDLERS)
]
