"""People, signing in and who they are. One `UnitOfWork` each, unless a function says why not."""

import asyncio
import hashlib
import secrets
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

from backend.accounts import repository
from backend.accounts.demonstration import (
    DEMO_ACCOUNTS,
    PASSWORD,
    DemoAccount,
    demonstration_code,
)
from backend.accounts.domain import (
    FREE_FAILURES,
    FREE_FAILURES_ANYWHERE,
    Holder,
    Login,
    LoginTaken,
    NobodyByThatLogin,
    Refresh,
    RefreshTokenReused,
    RefreshTokenSuperseded,
    Role,
    SessionEnded,
    TooManyFailures,
    WrongLogin,
    caller_in,
    folded_password,
    judge_refresh,
    session_length,
    typed_login,
)
from backend.accounts.identity import (
    IdentityCheck,
    IdentityResult,
    NoIdentityCheck,
    NullIdentityCheck,
)
from backend.accounts.passwords import Passwords, hash_password, needs_new_hash
from backend.accounts.proven import proven_logins as proven_logins
from backend.accounts.tables import Person, PersonLogin
from backend.accounts.tokens import AccessTokens
from backend.limits.domain import network_of
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.vault import Vault

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Desk:
    """What signing in uses besides the database."""

    vault: Vault
    tokens: AccessTokens
    passwords: Passwords
    demo: bool


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


# --- people -----------------------------------------------------------------------------------


async def sign_up(desk: Desk, name: str, login: Login, password: str, *, now: datetime) -> UUID:
    """LoginTaken is told openly: docs/decisions/0002 says why it must be, for now."""
    return await add_person(
        desk.vault,
        name=name,
        login=login,
        password_hash=await desk.passwords.hash(password),
        roles=[Role.LEARNER],
        demonstration=False,
        now=now,
    )


async def add_person(
    vault: Vault,
    *,
    name: str,
    login: Login,
    password_hash: str,
    roles: Iterable[Role],
    demonstration: bool,
    now: datetime,
) -> UUID:
    person = Person(
        id=uuid7(),
        name_sealed=vault.seal(name),
        password_hash=password_hash,
        demonstration=demonstration,
        created_at=now,
    )
    async with UnitOfWork(DB):
        await repository.add_person(person)
        added = await repository.add_login(
            PersonLogin(
                login_index=vault.index(login.indexed),
                person=person.id,
                kind=login.kind,
                sealed=vault.seal(login.value),
            )
        )
        if not added:
            raise LoginTaken
        await repository.add_roles(person.id, roles, now=now)
    return person.id


async def holder_of(vault: Vault, person_id: UUID) -> Holder:
    person = await repository.person_of(person_id)
    return Holder(
        person_id,
        vault.open(person.name_sealed) if person.name_sealed else "",
        identity_verified=person.identity_method is not None,
        identity_method=person.identity_method,
    )


async def person_by_login(vault: Vault, login_text: str) -> UUID | None:
    """For managers who add somebody by login; what it found is never told to an outsider."""
    account = await repository.account_of(vault.index(typed_login(login_text).indexed))
    return account.person_id if account else None


async def names_of(vault: Vault, people: Collection[UUID]) -> dict[UUID, str]:
    """Full names, for whoever shows them masked; one query. Erased people are missing."""
    sealed = await repository.sealed_names(people)
    return {person_id: vault.open(name) for person_id, name in sealed.items()}


async def verify_identity(
    vault: Vault, check: IdentityCheck | None, person_id: UUID, name: str, *, now: datetime
) -> IdentityResult:
    """The name that passes becomes the person's name: it is the one a record will carry."""
    if check is None:
        raise NoIdentityCheck
    result = await check.confirms(name)
    if not result.verified:
        return result
    async with UnitOfWork(DB):
        await repository.verify_identity(
            person_id, name_sealed=vault.seal(name), method=result.method, now=now
        )
    return result


async def ensure_demo_people(vault: Vault, now: datetime) -> tuple[DemoAccount, ...]:
    """Only for a demonstration system; repeated, it adds whoever is missing."""
    hashed = await asyncio.to_thread(hash_password, PASSWORD)
    for account in DEMO_ACCOUNTS:
        with suppress(LoginTaken):
            person_id = await add_person(
                vault,
                name=account.name,
                login=typed_login(account.login),
                password_hash=hashed,
                roles=account.roles,
                demonstration=True,
                now=now,
            )
            await verify_identity(vault, NullIdentityCheck(), person_id, account.name, now=now)
    return DEMO_ACCOUNTS


async def grant_role(vault: Vault, login_text: str, role: Role, *, now: datetime) -> UUID:
    """For whoever runs the installation. It counts from the person's next refresh on."""
    async with UnitOfWork(DB):
        account = await _account(vault, login_text)
        await repository.add_roles(account.person_id, [role], now=now)
        await _record_role("role-granted", account.person_id, role, now)
    _log.warning("role_granted", person=str(account.person_id), role=role)
    return account.person_id


async def withdraw_role(vault: Vault, login_text: str, role: Role, *, now: datetime) -> UUID:
    """Ends the person's sessions too: the role travels in their access tokens."""
    async with UnitOfWork(DB):
        account = await _account(vault, login_text)
        await repository.remove_role(account.person_id, role)
        await repository.end_sessions_of(account.person_id, "role", now=now)
        await _record_role("role-withdrawn", account.person_id, role, now)
    _log.warning("role_withdrawn", person=str(account.person_id), role=role)
    return account.person_id


async def _record_role(act: str, person_id: UUID, role: Role, now: datetime) -> None:
    """No actor: roles are given and taken from the terminal of whoever runs the installation."""
    await record_act(
        act, actor=None, subject=f"person:{person_id}", now=now, details={"role": role.value}
    )


async def _account(vault: Vault, login_text: str) -> repository.Account:
    account = await repository.account_of(vault.index(typed_login(login_text).indexed))
    if account is None:
        raise NobodyByThatLogin
    return account


# --- signing in -------------------------------------------------------------------------------


async def sign_in(
    desk: Desk, login_text: str, password: str, *, address: str, now: datetime
) -> SignedIn:
    """Three steps, each its own transaction: none is held open while argon2 works.

    The attempt is counted before the password is looked at, so that a hundred guesses sent at
    once count as a hundred.
    """
    login = typed_login(login_text)
    index = desk.vault.index(login.indexed)
    keys = _failure_keys(desk.vault, login, address)
    await _count_attempt(keys, now=now)
    account = await repository.account_of(index)
    hashed = account.password_hash if account else None
    right = await desk.passwords.verify(hashed, folded_password(password))
    if account is None or not right or (account.demonstration and not desk.demo):
        _log.info("sign_in_refused")
        raise WrongLogin
    if needs_new_hash(account.password_hash):
        await _rehash(desk, account, password)
    async with UnitOfWork(DB):
        await repository.forget_failures(keys)
        signed_in = await open_session(desk.tokens, account.person_id, now=now)
    _log.info("signed_in", person=str(account.person_id))
    if account.demonstration and signed_in.waiting:
        return replace(signed_in, demonstration_code=demonstration_code(now))
    return signed_in


async def open_session(
    tokens: AccessTokens,
    person_id: UUID,
    *,
    now: datetime,
    method: str = "password",
    second_factor: bool = False,
) -> SignedIn:
    """For someone whose proof was just seen to be right; `second_factor`: it was both factors."""
    async with UnitOfWork(DB):
        roles = await repository.roles_of(person_id)
        length = session_length(roles)
        session_id = await repository.add_session(
            person_id,
            now=now,
            expires_at=now + length,
            method=method,
            second_factor_at=now if second_factor else None,
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
        verdict = judge_refresh(locked.state, now=now)
        if locked.demonstration and not desk.demo:
            verdict = Refresh.ENDED
        if verdict is Refresh.ROTATE:
            await repository.mark_used(_sha256(token), now=now)
            await repository.touch_session(locked.session_id, now=now)
            await repository.add_refresh_token(_sha256(successor), locked.session_id, now=now)
        elif verdict is Refresh.REUSED:
            await repository.end_session(locked.session_id, "reuse", now=now)
            _log.warning("refresh_token_reused", session=str(locked.session_id))
        roles = await repository.roles_of(locked.person_id)
    _refuse(verdict)  # outside the transaction: ending the session must stand
    caller = caller_in(
        locked.session_id, locked.person_id, roles, second_factor=locked.second_factor
    )
    left = int((locked.state.session_expires_at - now).total_seconds())
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


async def _count_attempt(keys: tuple[bytes, bytes], *, now: datetime) -> None:
    free = (FREE_FAILURES, FREE_FAILURES_ANYWHERE)
    async with UnitOfWork(DB):
        failures = await repository.lock_failures(keys, now=now)
        wait = max(f.wait(n, now=now) for f, n in zip(failures, free, strict=True))
        if wait:
            raise TooManyFailures(wait)
        for key, failed in zip(keys, failures, strict=True):
            await repository.count_failure(key, failed.counted(now=now) + 1, now=now)


def _failure_keys(vault: Vault, login: Login, address: str) -> tuple[bytes, bytes]:
    """One for this login from this network, one for it from anywhere."""
    here = f"{login.indexed}\0{network_of(address)}"
    return vault.index(f"failures\0{here}"), vault.index(f"failures\0{login.indexed}")


async def _rehash(desk: Desk, account: repository.Account, password: str) -> None:
    new = await desk.passwords.hash(folded_password(password))
    await repository.replace_password_hash(account.person_id, account.password_hash, new)


def _successor(vault: Vault, token: str) -> str:
    """The one next token of `token`: only we can tell it, and we tell it the same twice."""
    return vault.index(f"refresh\0{token}").hex()


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
