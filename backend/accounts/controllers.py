"""People, sign-in and rights over HTTP."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import CookieParameter, JSONBody

from backend.accounts import service
from backend.accounts.answers import COOKIE, COOKIE_PATH, refuse_another_site, session_answer
from backend.accounts.domain import Caller, Role, checked_password, new_login
from backend.accounts.factors import service as factors
from backend.accounts.guards import caller_of, requires, tokens_of
from backend.accounts.identity import IdentityCheck
from backend.accounts.schemas import (
    Identity,
    IdentityRequest,
    IdentityResult,
    Me,
    NewPerson,
    PersonCreated,
    RefreshRequest,
    SecondFactor,
    Session,
    SignIn,
    TokenKey,
    TokenKeys,
)
from backend.accounts.service import Desk
from infra.settings import Settings
from infra.vault import Vault


async def caller(request: Request[Any, Any, Any]) -> Caller:
    return await caller_of(request)


async def desk(state: State) -> Desk:
    tokens = await tokens_of(state)
    return Desk(state.vault, tokens, state.passwords, demo=state.settings.demo)


async def client_address(request: Request[Any, Any, Any]) -> str:
    """Where the request comes from; behind a proxy of ours, before it (backend.limits)."""
    return str(request.scope["state"]["client_address"])


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
        refuse_another_site(request)
    signed_in = await service.sign_in(
        desk, data.login, data.password, address=client_address, now=now
    )
    return session_answer(signed_in, desk, cookie=data.cookie)


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
        refuse_another_site(request)
    signed_in = await service.refresh(desk, data.refresh_token or cookie or "", now=now)
    return session_answer(signed_in, desk, cookie=in_cookie)


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
    response.delete_cookie(COOKIE, path=COOKIE_PATH)
    return response


@get("/v1/me", operation_id="Me", summary="Who I am", tags=["accounts"], guards=[requires()])
async def me(
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    settings: NamedDependency[Settings],
) -> Me:
    holder = await service.holder_of(vault, caller.person_id)
    methods = await factors.methods_of(caller.person_id)
    return Me(
        id=holder.person_id,
        name=holder.name,
        roles=sorted(caller.roles),
        roles_waiting=sorted(caller.waiting),
        second_factor=SecondFactor(enrolled=bool(methods), methods=methods),
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
