"""Sessions: opened for somebody whose proof was just seen, refreshed, ended."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from backend.accounts import repository
from backend.accounts.desk import Desk
from backend.accounts.domain import (
    Method,
    Refresh,
    RefreshTokenReused,
    RefreshTokenSuperseded,
    Role,
    SessionEnded,
    caller_in,
    judge_refresh,
    limited,
    session_length,
)
from backend.accounts.tokens import AccessTokens
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SignedIn:
    access_token: str
    refresh_token: str
    refresh_seconds: int
    """How long the session may still be refreshed."""
    waiting: frozenset[Role] = frozenset()
    """Roles that wait for a second factor."""
    demonstration_code: str | None = None
    """The code that a demonstration account's second factor shows now."""


async def open_session(
    tokens: AccessTokens,
    person_id: UUID,
    *,
    now: datetime,
    method: Method = "password",
    second_factor: bool = False,
    device: str | None = None,
) -> SignedIn:
    """For someone whose password, code, passkey or provider's word was just seen to be right.
    `second_factor`: that proof counts as both factors, as a passkey does."""
    async with UnitOfWork(DB):
        roles = await repository.roles_of(person_id)
        length = session_length(roles)
        session_id = await repository.add_session(
            person_id,
            now=now,
            expires_at=now + length,
            method=method,
            second_factor_at=now if second_factor else None,
            device=device,
        )
        refresh_token = secrets.token_urlsafe(32)
        await repository.add_refresh_token(_sha256(refresh_token), session_id, now=now)
    caller = caller_in(session_id, person_id, roles, second_factor=second_factor)
    seconds = int(length.total_seconds())
    return SignedIn(tokens.mint(caller, now=now), refresh_token, seconds, caller.waiting)


async def refresh(desk: Desk, token: str, *, now: datetime) -> SignedIn:
    successor = _successor(desk.vault, token)
    async with UnitOfWork(DB):
        locked = await repository.lock_token(_sha256(token), _sha256(successor))
        roles = await repository.roles_of(locked.person_id)
        state = limited(locked.state, locked.started_at, roles)
        verdict = judge_refresh(state, now=now)
        if locked.demonstration and not desk.demo:
            verdict = Refresh.ENDED
        if verdict is Refresh.ROTATE:
            await repository.mark_used(_sha256(token), now=now)
            await repository.touch_session(locked.session_id, now=now)
            await repository.add_refresh_token(_sha256(successor), locked.session_id, now=now)
        elif verdict is Refresh.REUSED:
            await repository.end_session(locked.session_id, "reuse", now=now)
            _log.warning("refresh_token_reused", session=str(locked.session_id))
    _refuse(verdict)  # outside the transaction: ending the session must stand
    caller = caller_in(
        locked.session_id, locked.person_id, roles, second_factor=locked.second_factor
    )
    left = int((state.session_expires_at - now).total_seconds())
    return SignedIn(desk.tokens.mint(caller, now=now), successor, left, caller.waiting)


async def sign_out(session_id: UUID, *, now: datetime) -> None:
    async with UnitOfWork(DB):
        await repository.end_session(session_id, "sign-out", now=now)


async def session_ended(session_id: UUID) -> bool:
    """For what outlives an access token and must still end with its session."""
    return await repository.session_ended(session_id)


def _refuse(verdict: Refresh) -> None:
    match verdict:
        case Refresh.ENDED:
            raise SessionEnded
        case Refresh.REUSED:
            raise RefreshTokenReused
        case Refresh.SUPERSEDED:
            raise RefreshTokenSuperseded


def _successor(vault: Vault, token: str) -> str:
    """The one next token of `token`: only we can tell it, and we tell it the same twice."""
    return vault.index(f"refresh\0{token}").hex()


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
