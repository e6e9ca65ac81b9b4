"""Pages for people. What they show of a person comes later, by script, from the API."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from backend.accounts.demonstration import DEMO_ACCOUNTS, DemoAccount
from backend.accounts.federation.domain import Provider
from backend.accounts.federation.line import Line
from backend.curriculum import service as curriculum
from backend.privacy_notices import Notice, current
from backend.records import service as records
from backend.records.domain import NoSuchRecord
from backend.web import files, verification
from backend.web.errors import HANDLERS
from backend.web.language import language_of
from backend.web.markdown import html
from backend.web.pages import page
from backend.web.words import words
from courses.format import Programme
from infra.instance import public_url
from infra.settings import Settings
from infra.vault import Vault

Visit = Request[Any, Any, Any]
Local = NamedDependency[Settings]
ShortText = Annotated[str, QueryParameter(max_length=64)]
DEMONSTRATION_LESSON = "M02-L01"


def _accounts(settings: Settings) -> tuple[DemoAccount, ...]:
    return DEMO_ACCOUNTS if settings.demo else ()


def _providers(request: Visit) -> list[Provider]:
    """With which people may sign in here."""
    lines: dict[str, Line] = request.app.state.federation
    return [lines[name].provider for name in sorted(lines)]


def _notices() -> list[Notice]:
    """What whoever makes an account is shown, and agrees to."""
    return [notice for notice in current().values() if notice.needed_for_account]


@get("/")
async def home(request: Visit, settings: Local) -> Response[str]:
    edition = await curriculum.current_edition()
    shown = [p for p in edition.programmes if settings.demo or not p.demonstration]
    shown.sort(key=lambda programme: not programme.demonstration)
    return page(
        request,
        settings,
        "home",
        edition=edition.code,
        programmes=shown,
        demo_accounts=_accounts(settings),
    )


@get("/sign-in")
async def sign_in(request: Visit, settings: Local) -> Response[str]:
    return page(
        request,
        settings,
        "sign-in",
        script="sign-in",
        demo_accounts=_accounts(settings),
        providers=_providers(request),
        notices=_notices(),
    )


@get("/sign-up")
async def sign_up(request: Visit, settings: Local) -> Response[str]:
    return page(request, settings, "sign-up", script="sign-up", notices=_notices())


@get("/recover")
async def recover(request: Visit, settings: Local) -> Response[str]:
    return page(request, settings, "recover", script="recover")


@get("/learn")
async def learn(request: Visit, settings: Local) -> Response[str]:
    return page(request, settings, "learn", script="learn")


@get("/learn/taken-along")
async def taken_along(request: Visit, settings: Local) -> Response[str]:
    return page(request, settings, "taken-along", script="taken-along")


async def _programme(code: str, settings: Settings) -> Programme:
    return await curriculum.programme(code, demo=settings.demo)


@get("/learn/{programme:str}/exam")
async def exam(request: Visit, settings: Local, programme: FromPath[str]) -> Response[str]:
    taken = await _programme(programme, settings)
    sat = (await curriculum.current_edition()).exam(taken.exam)
    return page(
        request,
        settings,
        "exam",
        script="exam",
        demonstration=taken.demonstration,
        programme=taken,
        exam=sat,
        items=sum(section.count for section in sat.sections),
    )


@get("/learn/{programme:str}/practice")
async def practice(request: Visit, settings: Local, programme: FromPath[str]) -> Response[str]:
    taken = await _programme(programme, settings)
    return page(
        request,
        settings,
        "practice",
        script="practice",
        demonstration=taken.demonstration,
        programme=taken,
    )


@get("/learn/{programme:str}/{lesson:str}")
async def lesson(
    request: Visit, settings: Local, programme: FromPath[str], lesson: FromPath[str]
) -> Response[str]:
    taken = await _programme(programme, settings)
    taught = await curriculum.lesson(lesson)
    return page(
        request,
        settings,
        "lesson",
        script="lesson",
        demonstration=taken.demonstration,
        programme=taken,
        lesson=taught,
        text=html(taught.text),
    )


@get("/records/{record_id:uuid}")
async def record(request: Visit, settings: Local, record_id: FromPath[UUID]) -> Response[str]:
    return page(request, settings, "record", script="record", record_id=record_id)


@get("/account")
async def account(request: Visit, settings: Local) -> Response[str]:
    return page(request, settings, "account", script="account", providers=_providers(request))


@get("/account/privacy")
async def privacy(request: Visit, settings: Local) -> Response[str]:
    return page(request, settings, "privacy", script="privacy")


@get("/studio")
async def studio(request: Visit, settings: Local) -> Response[str]:
    lesson = DEMONSTRATION_LESSON if settings.demo else ""
    return page(request, settings, "studio", script="studio", lesson=lesson)


@get("/organisation")
async def organisation(request: Visit, settings: Local) -> Response[str]:
    return page(request, settings, "organisation", script="organisation")


@get("/notices")
async def notices(request: Visit, settings: Local) -> Response[str]:
    return page(request, settings, "notices", script="notices")


@get(["/invitations", "/invitations/{token:str}"])
async def invitation(request: Visit, settings: Local) -> Response[str]:
    """The token is for the page's script, which takes it out of the address at once; until then
    no request may carry it on."""
    answer = page(request, settings, "invitation", script="invitation")
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@get("/v")
async def find(code: ShortText = "") -> Redirect:
    """The form of the home page, which works without a script."""
    wanted = "".join(code.split()).upper()
    return Redirect(f"/v/{quote(wanted, safe='')}" if wanted else "/", status_code=303)


@get("/v/{code:str}")
async def verify(
    request: Visit,
    settings: Local,
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
    code: FromPath[str],
) -> Response[str]:
    try:
        verdict = await records.verdict_for_code(code, now, vault=vault)
    except NoSuchRecord:
        return page(request, settings, "unknown", status_code=404, code=code[:64])
    because = words(language_of(request))("verify.issued-reason")
    return page(
        request,
        settings,
        "verify",
        script="verify",
        demonstration=verdict.demonstration,
        v=verdict,
        tone=verification.tone(verdict.verdict),
        history=verification.history(verdict, because),
        key_id=verification.key_id(verdict.credential),
        qr=verification.qr(verdict.url),
        evidence=verification.evidence_in(language_of(request)),
        own=verification.own_words(
            language_of(request),
            verification.DEMONSTRATION_PINS if verdict.demonstration else verification.REAL_PINS,
        ),
    )


@get("/v/{code:str}/qr.svg")
async def qr_code(code: FromPath[str]) -> Response[str]:
    svg = verification.qr(f"{await public_url()}/v/{quote(code[:64], safe='')}")
    return Response(str(svg), media_type="image/svg+xml", headers={"Cache-Control": files.FOREVER})


@get("/static/{name:path}")
async def static_file(request: Visit, name: FromPath[str], v: ShortText = "") -> Response[bytes]:
    name = name.lstrip("/")
    file = files.read(name)
    etag = f'"{file.sha256[:32]}"'
    headers = {
        "Cache-Control": files.caching(name, v, file),
        "ETag": etag,
        "X-Content-Type-Options": "nosniff",
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


@get("/service-worker.js")
async def service_worker() -> Response[bytes]:
    """At the root, since it answers for pages; its address stays, so browsers ask each time."""
    file = files.read("built/service-worker.js")
    headers = {"Cache-Control": files.ASK_AGAIN, "X-Content-Type-Options": "nosniff"}
    return Response(file.content, media_type=file.media_type, headers=headers)


_PAGES = [
    home,
    sign_in,
    sign_up,
    recover,
    learn,
    taken_along,
    exam,
    practice,
    lesson,
    record,
    studio,
    account,
    organisation,
    notices,
    invitation,
    privacy,
    find,
    verify,
]
ROUTES: list[Any] = [
    Router(
        "/",
        route_handlers=_PAGES,
        include_in_schema=False,
        exception_handlers=HANDLERS,
    ),
    Router("/", route_handlers=[qr_code, service_worker, static_file], include_in_schema=False),
]
