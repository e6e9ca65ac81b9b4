"""Rights, in one place for each route: `guards=[requires(Role.AUTHOR)]`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers.base import BaseRouteHandler
from litestar.types import Scope

from backend.accounts.domain import Caller, Role
from backend.accounts.tokens import AccessTokens, TokenNotValid
from infra.errors import Forbidden, Unauthenticated
from infra.instance import public_url

Connection = ASGIConnection[Any, Any, Any, Any]


class SignInFirst(Unauthenticated):
    """Send `Authorization: Bearer <access token>`; POST /v1/sessions gives one."""

    zh = "请先登录：请求需携带 Authorization: Bearer <访问令牌>。"


class SecondFactorNeeded(Forbidden):
    """Your role asks for a second factor in this session: POST a code to
    /v1/sessions/current/second-factor; whoever has none yet sets one up at /account."""

    zh = (
        "您的角色需要二次验证：请提交验证码至 /v1/sessions/current/second-factor；"
        "尚未设置的，请先在“我的账号”（/account）中设置。"
    )


class requires:  # lower case: a word where it stands, guards=[requires(Role.AUTHOR)]
    """Lets a caller pass who has any of `roles`; with none named, anyone signed in.

    `whose` says, for docs/rights.md, whose rows the route's query then finds: "own" or, say,
    "organisation they manage". The query decides, not the guard.
    """

    def __init__(self, *roles: Role, whose: str = "") -> None:
        self.roles = frozenset(roles)
        self.whose = whose

    async def __call__(self, connection: Connection, _: BaseRouteHandler) -> None:
        caller = await caller_of(connection)
        if self.roles and not self.roles & caller.roles:
            if self.roles & caller.waiting:
                raise SecondFactorNeeded
            names = ", ".join(sorted(self.roles))
            raise Forbidden(
                f"This needs one of these roles: {names}; ask an administrator for it.",
                zh=f"此操作需要以下角色之一：{names}；如有需要，请联系管理员开通。",
            )


async def caller_of(connection: Connection) -> Caller:
    """Who sent this request; found once, then kept with the connection."""
    return await _caller(connection.scope)


async def person_if_signed_in(scope: Scope) -> UUID | None:
    """For what only counts requests: a token that is refused is the guard's to refuse."""
    if not _authorization(scope):
        return None
    try:
        return (await _caller(scope)).person_id
    except Exception:  # so is a database that is away: the guard meets the same
        return None


async def _caller(scope: Scope) -> Caller:
    """On the bare scope: what Litestar wraps around it cost a fifth of a heartbeat."""
    state: dict[str, Any] = scope.setdefault("state", {})
    known = state.get("caller")
    if not isinstance(known, Caller):
        token = bearer(_authorization(scope))
        known = state["caller"] = await authenticate(Litestar.from_scope(scope).state, token)
    return known


def _authorization(scope: Scope) -> str:
    found = (value for name, value in scope["headers"] if name == b"authorization")
    return next(found, b"").decode("latin-1")


def bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise SignInFirst
    return token.strip()


async def authenticate(state: State, token: str) -> Caller:
    """For routes without Litestar's dependencies too: `state` is the application's."""
    now: datetime = state.clock()
    claims = (await tokens_of(state)).verify(token, now=now)
    if await state.revocations.includes(claims.sid, now=now):
        raise TokenNotValid
    return claims.caller()


def known_caller(state: State, scope: Scope, *, now: datetime) -> Caller | None:
    """Who sent this request, where nobody has to be asked; None: `authenticate` will tell."""
    tokens: AccessTokens | None = state.get("tokens")
    scheme, _, token = _authorization(scope).partition(" ")
    if tokens is None or scheme != "Bearer":
        return None
    try:
        claims = tokens.verify(token, now=now)
    except TokenNotValid:
        return None
    ended = state["revocations"].known(claims.sid, now=now)
    return claims.caller() if ended is False else None


async def tokens_of(state: State) -> AccessTokens:
    """Made at first use: the issuer is the public address, which the database knows. Asked once:
    the first requests of a deadline day come at once, and the tokens remember whom they saw."""
    if state.get("tokens") is None:
        async with state.tokens_in_the_making:
            if state.get("tokens") is None:
                state["tokens"] = AccessTokens.of(state.settings.keys, await public_url())
    found: AccessTokens = state.tokens
    return found
