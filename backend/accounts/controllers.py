"""People, sign-in and rights over HTTP."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie, State
from litestar.di import NamedDependency, Provide
from litestar.params import CookieParameter, JSONBody

from backend.accounts import service
from backend.accounts.domain import Caller, Role, checked_password, new_login
from backend.accounts.guards import caller_of, requires, tokens_of
from backend.accounts.identity import IdentityCheck
from backend.accounts.limits import AddressLimit
from backend.accounts.schemas import (
    Identity,
    IdentityRequest,
    IdentityResult,
    Me,
    NewPerson,
    PersonCreated,
    RefreshRequest,
    Session,
    SignIn,
    TokenKey,
    TokenKeys,
)
from backend.accounts.service import Desk, SignedIn
from backend.accounts.tokens import LIFETIME
from infra.errors import Forbidden
from infra.settings import Settings
from infra.vault import Vault

COOKIE = "guanbiao_refresh"
_COOKIE_PATH = "/v1/sessions"


async def caller(request: Request[Any, Any, Any]) -> Caller:
    return await caller_of(request)


async def desk(state: State) -> Desk:
    tokens = await tokens_of(state)
    return Desk(state.vault, tokens, state.passwords, demo=state.settings.demo)


async def client_address(request: Request[Any, Any, Any], state: State) -> str:
    """Where the request comes from, counted: asking for it is an attempt."""
    found = request.client.host if request.client else ""
    limit: AddressLimit = state.address_limit
    limit.take(found, now=state.clock())
    return found


@post(
    "/v1/people",
    operation_id="SignUp",
    summary="Sign up, with an e-mail address or a mobile number",
    tags=["accounts"],
)
async def sign_up(
    data: JSONBody[NewPerson],
    desk: NamedDependency[Desk],
    client_address: NamedDependency[str],
    now: NamedDependency[datetime],
) -> PersonCreated:
    del client_address
    login = new_login(email=data.email, phone=data.phone)
    password = checked_password(data.password, login)
    person_id = await service.sign_up(desk, data.name, login, password, now=now)
    return PersonCreated(id=person_id, name=data.name, roles=[Role.LEARNER])


@post("/v1/sessions", operation_id="SignIn", summary="Sign in", tags=["accounts"])
async def sign_in(
    data: JSONBody[SignIn],
    request: Request[Any, Any, Any],
    desk: NamedDependency[Desk],
    client_address: NamedDependency[str],
    now: NamedDependency[datetime],
) -> Response[Session]:
    if data.cookie:
        _refuse_another_site(request)
    signed_in = await service.sign_in(
        desk, data.login, data.password, address=client_address, now=now
    )
    return _session(signed_in, desk, cookie=data.cookie)


@post(
    "/v1/sessions/refresh",
    operation_id="RefreshSession",
    summary="Exchange the refresh token for new tokens",
    tags=["accounts"],
)
async def refresh(
    data: JSONBody[RefreshRequest],
    request: Request[Any, Any, Any],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
    cookie: Annotated[str | None, CookieParameter(name=COOKIE, max_length=128)] = None,
) -> Response[Session]:
    in_cookie = data.refresh_token is None
    if in_cookie:
        _refuse_another_site(request)
    signed_in = await service.refresh(desk, data.refresh_token or cookie or "", now=now)
    return _session(signed_in, desk, cookie=in_cookie)


@delete(
    "/v1/sessions/current",
    operation_id="SignOut",
    summary="End this session",
    tags=["accounts"],
    guards=[requires()],
)
async def sign_out(
    caller: NamedDependency[Caller], state: State, now: NamedDependency[datetime]
) -> Response[None]:
    if caller.session_id is not None:
        await service.sign_out(caller.session_id, now=now)
        state.revocations.add(caller.session_id)
    response: Response[None] = Response(None, status_code=204)
    response.delete_cookie(COOKIE, path=_COOKIE_PATH)
    return response


@get("/v1/me", operation_id="Me", summary="Who I am", tags=["accounts"], guards=[requires()])
async def me(
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    settings: NamedDependency[Settings],
) -> Me:
    holder = await service.holder_of(vault, caller.person_id)
    return Me(
        id=holder.person_id,
        name=holder.name,
        roles=sorted(caller.roles),
        identity=Identity(verified=holder.identity_verified, method=holder.identity_method),
        demonstration=settings.demo,
    )


@post(
    "/v1/me/identity-verification",
    operation_id="VerifyIdentity",
    summary="Verify my identity (实名认证)",
    tags=["accounts"],
    guards=[requires()],
    status_code=200,
)
async def verify_identity(
    data: JSONBody[IdentityRequest],
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    state: State,
    now: NamedDependency[datetime],
) -> IdentityResult:
    check: IdentityCheck | None = state.identity_check
    result = await service.verify_identity(vault, check, caller.person_id, data.name, now=now)
    return IdentityResult(verified=result.verified, method=result.method, notice=result.notice)


@get(
    "/.well-known/token-keys.json",
    operation_id="TokenKeys",
    summary="Public keys of access tokens (JWKS)",
    tags=["accounts"],
)
async def token_keys(desk: NamedDependency[Desk]) -> Response[TokenKeys]:
    body = TokenKeys(keys=[msgspec.convert(desk.tokens.jwk(), TokenKey)])
    return Response(body, headers={"Cache-Control": "public, max-age=300"})


class AnotherSite(Forbidden):
    """Sign in on our own pages; another site may not do it for you."""

    zh = "请在本站页面登录，其他网站不能代为登录。"


def _refuse_another_site(request: Request[Any, Any, Any]) -> None:
    """A form elsewhere must not plant its author's session in a visitor's browser."""
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise AnotherSite


def _session(signed_in: SignedIn, desk: Desk, *, cookie: bool) -> Response[Session]:
    body = Session(access_token=signed_in.access_token, expires_in=int(LIFETIME.total_seconds()))
    response = Response(body, status_code=201, headers={"Cache-Control": "no-store"})
    if cookie:
        response.set_cookie(_refresh_cookie(signed_in, desk))
    else:
        body.refresh_token = signed_in.refresh_token
    return response


def _refresh_cookie(signed_in: SignedIn, desk: Desk) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=signed_in.refresh_token,
        path=_COOKIE_PATH,
        max_age=signed_in.refresh_seconds,
        httponly=True,
        samesite="strict",
        secure=desk.tokens.issuer.startswith("https:"),
    )


ROUTES: list[Any] = [
    sign_up,
    sign_in,
    refresh,
    sign_out,
    me,
    verify_identity,
    token_keys,
]
DEPENDENCIES = {
    "caller": Provide(caller),
    "desk": Provide(desk),
    "client_address": Provide(client_address),
}
