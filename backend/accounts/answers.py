"""The answer that carries a session, however it was opened, and who may ask for its cookie."""

from typing import Any, TypeVar

import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie

from backend.accounts.desk import Desk
from backend.accounts.schemas import Session
from backend.accounts.sessions import SignedIn
from backend.accounts.tokens import LIFETIME
from infra.errors import Forbidden

COOKIE = "guanbiao_refresh"
COOKIE_PATH = "/v1/sessions"
NEVER_KEPT = {"Cache-Control": "no-store"}
T = TypeVar("T")


class AnotherSite(Forbidden):
    """Sign in on our own pages; another site may not do it for you."""

    zh = "请在本站页面登录，其他网站不能代为登录。"


def refuse_another_site(request: Request[Any, Any, Any]) -> None:
    """A form elsewhere must not plant its author's session in a visitor's browser."""
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise AnotherSite


def session_answer(signed_in: SignedIn, desk: Desk, *, cookie: bool) -> Response[Session]:
    return answer(session_of(signed_in, cookie=cookie), signed_in, desk, cookie=cookie)


def session_of(signed_in: SignedIn, *, cookie: bool) -> Session:
    body = Session(
        access_token=signed_in.access_token,
        expires_in=int(LIFETIME.total_seconds()),
        roles_waiting=sorted(signed_in.waiting),
        demonstration_code=signed_in.demonstration_code or msgspec.UNSET,
    )
    if not cookie:
        body.refresh_token = signed_in.refresh_token
    return body


def answer(body: T, signed_in: SignedIn, desk: Desk, *, cookie: bool) -> Response[T]:
    response = Response(body, status_code=201, headers=NEVER_KEPT)
    if cookie:
        response.set_cookie(refresh_cookie(signed_in, desk))
    return response


def refresh_cookie(signed_in: SignedIn, desk: Desk) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=signed_in.refresh_token,
        path=COOKIE_PATH,
        max_age=signed_in.refresh_seconds,
        httponly=True,
        samesite="strict",
        secure=desk.tokens.issuer.startswith("https:"),
    )
