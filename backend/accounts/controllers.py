"""People, sign-in and rights over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import CookieParameter, JSONBody

from backend.accounts import login_controllers, service
from backend.accounts.agreeing import must_agree
from backend.accounts.answers import (
    COOKIE,
    COOKIE_PATH,
    answer,
    refuse_another_site,
    session_answer,
    session_of,
)
from backend.accounts.breached import acceptable_password
from backend.accounts.codes import controllers as codes
from backend.accounts.devices import device_label
from backend.accounts.domain import (
    Caller,
    OneProof,
    Role,
    new_login,
    typed_login,
)
from backend.accounts.factors import service as factors
from backend.accounts.guards import caller_of, requires, tokens_of
from backend.accounts.schemas import (
    Identity,
    Me,
    NewPerson,
    PersonCreated,
    Recovery,
    RefreshRequest,
    SecondFactor,
    Session,
    SignIn,
    TokenKey,
    TokenKeys,
)
from backend.accounts.service import Desk, Visit
from infra.settings import Settings
from infra.vault import Vault


async def caller(request: Request[Any, Any, Any]) -> Caller:
    return await caller_of(request)


async def desk(state: State) -> Desk:
    tokens = await tokens_of(state)
    demo: bool = state.settings.demo
    return Desk(
        state.vault,
        tokens,
        state.passwords,
        demo=demo,
        messages=state.messages,
        providers=frozenset(state.federation),
        agreements=state.agreements,
    )


async def client_address(request: Request[Any, Any, Any]) -> str:
    """Where the request comes from; behind a proxy of ours, before it (backend.limits)."""
    return str(request.scope["state"]["client_address"])


async def visit(request: Request[Any, Any, Any], client_address: NamedDependency[str]) -> Visit:
    return Visit(client_address, device_label(request.headers.get("user-agent", "")))


@post(
    "/v1/people",
    operation_id="SignUp",
    summary="Sign up, with an e-mail address or a mobile number",
    tags=["accounts"],
)
async def sign_up(
    data: JSONBody[NewPerson],
    request: Request[Any, Any, Any],
    desk: NamedDependency[Desk],
    visit: NamedDependency[Visit],
    now: NamedDependency[datetime],
) -> Response[PersonCreated]:
    if data.cookie:
        refuse_another_site(request)
    must_agree(desk.agreements, data.agreed)
    login = new_login(email=data.email, phone=data.phone)
    password = (
        await acceptable_password(data.password, login) if data.password is not None else None
    )
    person_id, signed_in = await service.sign_up(
        desk, data.name, login, password, data.code_id, data.code, visit=visit, now=now
    )
    made = PersonCreated(
        id=person_id,
        name=data.name,
        roles=[Role.LEARNER],
        session=session_of(signed_in, cookie=data.cookie),
    )
    return answer(made, signed_in, desk, cookie=data.cookie)


@post("/v1/sessions", operation_id="SignIn", summary="Sign in", tags=["accounts"])
async def sign_in(
    data: JSONBody[SignIn],
    request: Request[Any, Any, Any],
    desk: NamedDependency[Desk],
    visit: NamedDependency[Visit],
    now: NamedDependency[datetime],
) -> Response[Session]:
    if data.cookie:
        refuse_another_site(request)
    match data.password, data.code_id, data.code:
        case str() as password, None, None:
            signed_in = await service.sign_in(desk, data.login, password, visit=visit, now=now)
        case None, UUID() as code_id, str() as code:
            signed_in = await service.sign_in_by_code(
                desk, data.login, code_id, code, visit=visit, now=now
            )
        case _:
            raise OneProof
    return session_answer(signed_in, desk, cookie=data.cookie)


@post(
    "/v1/recoveries",
    operation_id="RecoverAccount",
    summary="Set a new password by a code, and sign in",
    tags=["accounts"],
)
async def recover(
    data: JSONBody[Recovery],
    request: Request[Any, Any, Any],
    desk: NamedDependency[Desk],
    visit: NamedDependency[Visit],
    state: State,
    now: NamedDependency[datetime],
) -> Response[Session]:
    if data.cookie:
        refuse_another_site(request)
    login = typed_login(data.login)
    password = await acceptable_password(data.password, login)
    recovered = await service.recover(
        desk, login, password, data.code_id, data.code, visit=visit, now=now
    )
    for session_id in recovered.ended:
        state.revocations.add(session_id)
    return session_answer(recovered.signed_in, desk, cookie=data.cookie)


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
    guards=[requires(whose="own")],
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


@get(
    "/v1/me",
    operation_id="Me",
    summary="Who I am",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def me(
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Me:
    holder = await service.holder_of(vault, caller.person_id)
    methods = await factors.methods_of(caller.person_id)
    return Me(
        id=holder.person_id,
        name=holder.name,
        roles=sorted(caller.roles),
        roles_waiting=sorted(caller.waiting),
        second_factor=SecondFactor(enrolled=bool(methods), methods=methods),
        identity=Identity(verified=holder.verified_at(now), method=holder.identity_method),
        demonstration=settings.demo,
    )


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
    recover,
    refresh,
    sign_out,
    me,
    token_keys,
    *codes.ROUTES,
    *login_controllers.ROUTES,
]
DEPENDENCIES = {
    "caller": Provide(caller),
    "desk": Provide(desk),
    "client_address": Provide(client_address),
    "visit": Provide(visit),
}
