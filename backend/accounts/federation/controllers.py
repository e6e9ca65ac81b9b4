"""Sign-in with another organisation's identity provider (OIDC) over HTTP.

The way back is a navigation of the browser, so it always ends in a redirect to a page of ours: the
one asked for, or one that says by `refused=<code>` what went wrong.
"""

import hashlib
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency, Provide
from litestar.params import CookieParameter, FromPath, JSONBody, QueryParameter

from backend.accounts.answers import (
    NEVER_KEPT,
    refresh_cookie,
    refuse_another_site,
    session_answer,
)
from backend.accounts.domain import Caller
from backend.accounts.federation import service
from backend.accounts.federation.domain import ATTEMPT_FOR
from backend.accounts.federation.errors import AttemptNotKnown
from backend.accounts.federation.line import Line
from backend.accounts.federation.schemas import (
    BeginFederation,
    EnterAsNewcomer,
    FederationBegun,
    FederationProvider,
    FederationProviders,
    LinkedIdentities,
    LinkedIdentity,
)
from backend.accounts.federation.service import Answer, Back, Begun
from backend.accounts.guards import requires
from backend.accounts.schemas import Session
from backend.accounts.service import Desk, Visit

_COOKIE_PATH = "/v1/federation"
NEWCOMER = "guanbiao_newcomer"
_Given = Annotated[str | None, QueryParameter(max_length=2048)]
_State = Annotated[str, QueryParameter(name="state", max_length=2048)]


async def federation(request: Request[Any, Any, Any]) -> dict[str, Line]:
    found: dict[str, Line] = request.app.state.federation
    return found


@get(
    "/v1/federation/providers",
    operation_id="FederationProviders",
    summary="Identity providers with which people may sign in here",
    tags=["accounts"],
)
async def providers(federation: NamedDependency[dict[str, Line]]) -> FederationProviders:
    return FederationProviders(
        providers=[
            FederationProvider(name=name, title=line.provider.title)
            for name, line in sorted(federation.items())
        ]
    )


@post(
    "/v1/federation/{provider:str}/sign-in",
    operation_id="BeginFederatedSignIn",
    summary="Begin to sign in with an identity provider",
    tags=["accounts"],
)
async def begin_sign_in(
    provider: FromPath[str],
    data: JSONBody[BeginFederation],
    request: Request[Any, Any, Any],
    federation: NamedDependency[dict[str, Line]],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
) -> Response[FederationBegun]:
    refuse_another_site(request)
    line = service.line_to(federation, provider)
    return _begun(await service.begin(desk, line, data.return_to, now=now), desk)


@post(
    "/v1/federation/{provider:str}/link",
    operation_id="BeginFederatedLink",
    summary="Begin to link an identity to my account; needs a fresh sign-in or second factor",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def begin_link(
    provider: FromPath[str],
    data: JSONBody[BeginFederation],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    federation: NamedDependency[dict[str, Line]],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
) -> Response[FederationBegun]:
    refuse_another_site(request)
    line = service.line_to(federation, provider)
    begun = await service.begin(desk, line, data.return_to, linking=caller, now=now)
    return _begun(begun, desk)


@get(
    "/v1/federation/{provider:str}/callback",
    operation_id="FederationCallback",
    summary="Where an identity provider sends the browser back to",
    tags=["accounts"],
    status_code=303,
)
async def callback(
    provider: FromPath[str],
    request: Request[Any, Any, Any],
    federation: NamedDependency[dict[str, Line]],
    desk: NamedDependency[Desk],
    visit: NamedDependency[Visit],
    now: NamedDependency[datetime],
    given_state: _State = "",
    code: _Given = None,
    iss: _Given = None,
    error: _Given = None,
) -> Response[None]:
    name = _cookie_name(given_state)
    browser = request.cookies.get(name, "")
    answer = Answer(given_state, browser, code, iss, error)
    try:
        line = service.line_to(federation, provider)
        back = await service.come_back(desk, line, answer, visit=visit, now=now)
    except AttemptNotKnown as refused:
        back = Back("/learn", refused=refused)
    return _back(back, name, desk)


@post(
    "/v1/federation/newcomers",
    operation_id="EnterAsNewcomer",
    summary="Agree, and make the account for the identity that this browser came back with",
    tags=["accounts"],
)
async def enter(
    data: JSONBody[EnterAsNewcomer],
    request: Request[Any, Any, Any],
    federation: NamedDependency[dict[str, Line]],
    desk: NamedDependency[Desk],
    visit: NamedDependency[Visit],
    now: NamedDependency[datetime],
    newcomer: Annotated[str, CookieParameter(name=NEWCOMER, max_length=4096)] = "",
) -> Response[Session]:
    """The refresh token comes as a cookie, as everything did that this browser began."""
    refuse_another_site(request)
    signed_in = await service.enter(desk, federation, newcomer, data.agreed, visit=visit, now=now)
    response = session_answer(signed_in, desk, cookie=True)
    response.delete_cookie(NEWCOMER, path=_COOKIE_PATH)
    return response


@get(
    "/v1/me/federated-identities",
    operation_id="FederatedIdentities",
    summary="Identities elsewhere that open my account",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def mine(caller: NamedDependency[Caller]) -> LinkedIdentities:
    return LinkedIdentities(
        identities=[
            LinkedIdentity(
                id=m.id, provider=m.provider, linked_at=m.linked_at, last_used_at=m.last_used_at
            )
            for m in await service.mine(caller.person_id)
        ]
    )


@delete(
    "/v1/me/federated-identities/{identity_id:uuid}",
    operation_id="UnlinkFederatedIdentity",
    summary="Unlink an identity; never the last way in",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def unlink(
    identity_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
) -> None:
    await service.unlink(desk, caller, identity_id, now=now)


def _cookie_name(state: str) -> str:
    """One for each attempt, so that two tabs do not get in each other's way."""
    return f"guanbiao_federation_{hashlib.sha256(state.encode()).hexdigest()[:12]}"


def _begun(begun: Begun, desk: Desk) -> Response[FederationBegun]:
    """Lax: the way back is a navigation that another site begins."""
    cookie = Cookie(
        key=_cookie_name(begun.state),
        value=begun.browser,
        path=_COOKIE_PATH,
        max_age=int(ATTEMPT_FOR.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=desk.tokens.issuer.startswith("https:"),
    )
    body = FederationBegun(authorization_url=begun.url)
    return Response(body, status_code=201, headers=NEVER_KEPT, cookies=[cookie])


def _back(back: Back, cookie_name: str, desk: Desk) -> Response[None]:
    location = {**NEVER_KEPT, "Location": _page(back)}
    response: Response[None] = Response(None, status_code=303, headers=location)
    response.delete_cookie(cookie_name, path=_COOKIE_PATH)
    if back.signed_in is not None:
        response.set_cookie(refresh_cookie(back.signed_in, desk))
    if back.newcomer is not None:
        response.set_cookie(_newcomer_cookie(back.newcomer, desk))
    return response


def _newcomer_cookie(sealed: str, desk: Desk) -> Cookie:
    return Cookie(
        key=NEWCOMER,
        value=sealed,
        path=_COOKIE_PATH,
        max_age=int(ATTEMPT_FOR.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=desk.tokens.issuer.startswith("https:"),
    )


def _page(back: Back) -> str:
    """A sign-in ends on the sign-in page, which takes up the session, asks for a second factor
    where a role needs one, or for agreement where there is no account yet, and goes on to `next`.
    """
    said = {"refused": back.refused.code} if back.refused else {}
    if back.linked:
        return f"{back.return_to}?{urlencode(said or {'linked': '1'})}"
    arrived = {} if back.refused else {"new" if back.newcomer else "arrived": "1"}
    return f"/sign-in?{urlencode({**said, **arrived, 'next': back.return_to})}"


ROUTES: list[Any] = [providers, begin_sign_in, begin_link, callback, enter, mine, unlink]
DEPENDENCIES = {"federation": Provide(federation)}
