"""Second factors: set up, shown, removed, reset. One `UnitOfWork` each, unless it says why not."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
import segno
import structlog

from backend.accounts import repository as accounts
from backend.accounts.demonstration import DEMO_ACCOUNTS, TOTP_SECRET
from backend.accounts.domain import (
    NEEDS_SECOND_FACTOR,
    Caller,
    Role,
    SessionEnded,
    caller_in,
    typed_login,
)
from backend.accounts.factors import codes, repository
from backend.accounts.factors.domain import PENDING_FOR, Missing, missing, typed_code
from backend.accounts.factors.errors import (
    CodeNotRight,
    DemonstrationFactorFixed,
    NoSecondFactor,
    NothingToConfirm,
    NotYourself,
    SecondFactorNotFresh,
    SignInNotFresh,
)
from backend.accounts.tokens import AccessTokens
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault

_log = structlog.get_logger(__name__)
ISSUER = "Guanbiao"  # plain letters keep the QR code coarse enough for an old camera


@dataclass(frozen=True)
class Shown:
    """What a proof gave the session: a token for all its person's roles."""

    access_token: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class Authenticator:
    secret: str
    uri: str
    qr: str
    """SVG as a data address, drawn here: the secret goes to no other site."""


methods_of = repository.methods_of
recovery_codes_left = repository.recovery_codes_left


# --- showing it -------------------------------------------------------------------------------


async def show_code(
    vault: Vault,
    tokens: AccessTokens,
    caller: Caller,
    code: str,
    *,
    address: str,
    now: datetime,
) -> Shown:
    """Two transactions: an attempt counts even when the code is wrong."""
    await codes.count_attempt(vault, caller.person_id, address, now=now)
    async with UnitOfWork(DB):
        demonstration = await repository.is_demonstration(caller.person_id)
        method = await codes.check(
            vault, caller.person_id, code, now=now, demonstration=demonstration
        )
        if method == "recovery-code":
            await record("recovery-code-used", caller.person_id, method, now=now)
        await _forget_wrong_codes(vault, caller.person_id, address)
        whole = await shown(caller, now=now)
    return proof(tokens, whole, now=now)


async def shown(caller: Caller, *, now: datetime) -> Caller:
    """For a session that has just shown a second factor. Inside an open transaction."""
    session_id = _session(caller)
    if not await repository.mark_second_factor(session_id, caller.person_id, now=now):
        raise SessionEnded
    roles = await accounts.roles_of(caller.person_id)
    return caller_in(session_id, caller.person_id, roles, second_factor=True)


def proof(tokens: AccessTokens, whole: Caller, *, now: datetime) -> Shown:
    return Shown(tokens.mint(whole, now=now), whole.roles)


async def must_be_fresh(caller: Caller, *, now: datetime) -> None:
    """Before anything that changes keys or ways in."""
    standing = await repository.standing_of(_session(caller), caller.person_id)
    if standing is None:
        raise SessionEnded
    match missing(standing, now=now):
        case Missing.SECOND_FACTOR:
            raise SecondFactorNotFresh
        case Missing.SIGN_IN:
            raise SignInNotFresh


async def must_be_own(person_id: UUID) -> None:
    """Demonstration accounts are everybody's."""
    if await repository.is_demonstration(person_id):
        raise DemonstrationFactorFixed


# --- the authenticator ------------------------------------------------------------------------


async def begin_authenticator(
    vault: Vault, caller: Caller, *, site: str, now: datetime
) -> Authenticator:
    """`site`: what the app will call this account, so that two instances can be told apart."""
    secret = codes.new_secret()
    async with UnitOfWork(DB):
        await accounts.lock_person(caller.person_id)
        await must_be_own(caller.person_id)
        await must_be_fresh(caller, now=now)
        await repository.begin_totp(vault, caller.person_id, _session(caller), secret, now=now)
    uri = pyotp.TOTP(secret).provisioning_uri(name=site, issuer_name=ISSUER)
    qr = segno.make(uri, error="m", micro=False).svg_data_uri(border=2, dark="#000", light="#fff")
    return Authenticator(secret, uri, qr)


async def confirm_authenticator(
    vault: Vault, tokens: AccessTokens, caller: Caller, typed: str, *, address: str, now: datetime
) -> tuple[Shown, list[str]]:
    """The first code proves that the app has the secret, and counts as shown in this session.

    Two transactions: an attempt counts even when the code is wrong.
    """
    await codes.count_attempt(vault, caller.person_id, address, now=now)
    async with UnitOfWork(DB):
        await accounts.lock_person(caller.person_id)
        await must_be_fresh(caller, now=now)
        pending = await repository.lock_totp(caller.person_id, "pending")
        if (
            pending is None
            or pending.session_id != caller.session_id
            or now - pending.created_at > PENDING_FOR
        ):
            raise NothingToConfirm
        step = codes.step_of(pending.secret(vault), typed_code(typed), now=now)
        if step is None:
            raise CodeNotRight
        await repository.confirm_totp(caller.person_id, pending.id, step, now=now)
        recovery = await codes.renew_recovery_codes(vault, caller.person_id, now=now)
        await record("second-factor-enrolled", caller.person_id, "totp", now=now)
        await _forget_wrong_codes(vault, caller.person_id, address)
        whole = await shown(caller, now=now)
    return proof(tokens, whole, now=now), recovery


async def remove_authenticator(caller: Caller, *, now: datetime) -> None:
    async with UnitOfWork(DB):
        await accounts.lock_person(caller.person_id)
        await must_be_own(caller.person_id)
        await must_be_fresh(caller, now=now)
        if not await repository.remove_totp(caller.person_id):
            raise NoSecondFactor
        await record("second-factor-removed", caller.person_id, "totp", now=now)
        await after_removal(caller.person_id, now=now)


async def after_removal(person_id: UUID, *, now: datetime) -> None:
    """Whoever has no factor left has shown none, and their recovery codes stand in for nothing."""
    if not await repository.methods_of(person_id):
        await repository.replace_recovery_codes(person_id, [], now=now)
        await repository.forget_second_factors(person_id)


async def renew_recovery_codes(vault: Vault, caller: Caller, *, now: datetime) -> list[str]:
    async with UnitOfWork(DB):
        await accounts.lock_person(caller.person_id)
        await must_be_own(caller.person_id)
        if not await repository.methods_of(caller.person_id):
            raise NoSecondFactor
        await must_be_fresh(caller, now=now)
        await record("recovery-codes-renewed", caller.person_id, "recovery-code", now=now)
        shown_once = await codes.renew_recovery_codes(vault, caller.person_id, now=now)
    _log.info("recovery_codes_renewed", person=str(caller.person_id))
    return shown_once


# --- from outside -----------------------------------------------------------------------------


async def reset(person_id: UUID, *, actor: UUID | None, reason: str, now: datetime) -> None:
    """For somebody who lost everything: no factor is left, and no session either. Whoever knows
    the password can then set up a new one; the act is in the trail. No actor: from a terminal."""
    if actor == person_id:
        raise NotYourself
    async with UnitOfWork(DB):
        await accounts.person_of(person_id)
        await must_be_own(person_id)
        await repository.remove_totp(person_id)
        await repository.remove_passkeys(person_id)
        await repository.replace_recovery_codes(person_id, [], now=now)
        await accounts.end_sessions_of(person_id, "recovery", now=now)
        await record_act(
            "second-factor-reset",
            actor=actor,
            subject=f"person:{person_id}",
            now=now,
            details={"reason": reason},
        )
    _log.warning("second_factor_reset", person=str(person_id))


async def ensure_demo_factors(vault: Vault, now: datetime) -> None:
    """Only for a demonstration system; repeated, it adds whatever is missing."""
    async with UnitOfWork(DB):
        for demo in DEMO_ACCOUNTS:
            account = await accounts.account_of(vault.index(typed_login(demo.login).indexed))
            if account and account.demonstration and NEEDS_SECOND_FACTOR & set(demo.roles):
                await repository.add_confirmed_totp(vault, account.person_id, TOTP_SECRET, now=now)


async def record(act: str, person_id: UUID, method: str, *, now: datetime) -> None:
    """An act of the person's own."""
    subject, details = f"person:{person_id}", {"method": method}
    await record_act(act, actor=person_id, subject=subject, now=now, details=details)
    _log.info(act.replace("-", "_"), person=str(person_id))


async def _forget_wrong_codes(vault: Vault, person_id: UUID, address: str) -> None:
    await accounts.forget_failures(codes.failure_keys(vault, person_id, address))


def _session(caller: Caller) -> UUID:
    if caller.session_id is None:
        raise SessionEnded
    return caller.session_id
