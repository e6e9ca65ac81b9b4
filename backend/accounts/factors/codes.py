"""Codes of authenticators and recovery codes: made, and judged once."""

import os
from datetime import datetime
from hmac import compare_digest
from uuid import UUID

import pyotp

from backend.accounts import repository as accounts
from backend.accounts.factors import repository
from backend.accounts.factors.domain import (
    FREE_WRONG_CODES,
    FREE_WRONG_CODES_ANYWHERE,
    RECOVERY_CODES,
    WrongCodes,
    is_totp,
    recovery_code,
    shown_recovery_code,
    steps_about,
    typed_code,
)
from backend.accounts.factors.errors import (
    CodeNotRight,
    CodeUsed,
    NoSecondFactor,
    TooManyWrongCodes,
)
from backend.limits.domain import network_of
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault


def new_secret() -> str:
    """160 bits, as RFC 4226 asks for."""
    return pyotp.random_base32(32)


def step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """The time step that `code` belongs to, or None when it is of none about now."""
    totp = pyotp.TOTP(secret)
    same = [s for s in steps_about(now) if compare_digest(totp.generate_otp(s), code)]
    return same[0] if same else None


async def check_totp(
    vault: Vault, person_id: UUID, code: str, *, now: datetime, demonstration: bool
) -> None:
    """Inside an open transaction. A step is taken once, under its row's lock. A demonstration
    account's secret is published and many share it: there a repeated code says nothing new."""
    locked = await repository.lock_totp(person_id, "confirmed")
    if locked is None:
        raise NoSecondFactor
    step = step_of(locked.secret(vault), code, now=now)
    if step is None:
        raise CodeNotRight
    if locked.last_step is not None and step <= locked.last_step and not demonstration:
        raise CodeUsed
    await repository.take_step(locked.id, max(step, locked.last_step or 0))


async def check(
    vault: Vault, person_id: UUID, typed: str, *, now: datetime, demonstration: bool
) -> str:
    """Which it was: "totp" or "recovery-code". CodeNotRight, CodeUsed, NoSecondFactor."""
    code = typed_code(typed)
    if is_totp(code):
        await check_totp(vault, person_id, code, now=now, demonstration=demonstration)
        return "totp"
    plain = recovery_code(code)
    if plain is None:
        raise CodeNotRight
    if not await repository.use_recovery_code(person_id, _index(vault, person_id, plain), now=now):
        raise CodeNotRight
    return "recovery-code"


async def renew_recovery_codes(vault: Vault, person_id: UUID, *, now: datetime) -> list[str]:
    """The only time anybody sees them."""
    shown = [shown_recovery_code(os.urandom(10)) for _ in range(RECOVERY_CODES)]
    indexes = [_index(vault, person_id, code.replace("-", "")) for code in shown]
    await repository.replace_recovery_codes(person_id, indexes, now=now)
    return shown


async def count_attempt(vault: Vault, person_id: UUID, address: str, *, now: datetime) -> None:
    """Before the code is looked at, in a transaction of its own: guesses sent at once all count."""
    free = (FREE_WRONG_CODES, FREE_WRONG_CODES_ANYWHERE)
    keys = failure_keys(vault, person_id, address)
    async with UnitOfWork(DB):
        kept = await accounts.lock_failures(keys, now=now)
        wrong = [WrongCodes(f.in_a_row, f.last_at) for f in kept]
        wait = max(w.wait(n, now=now) for w, n in zip(wrong, free, strict=True))
        if wait:
            raise TooManyWrongCodes(wait)
        for key, w in zip(keys, wrong, strict=True):
            await accounts.count_failure(key, w.counted(now=now) + 1, now=now)


def failure_keys(vault: Vault, person_id: UUID, address: str) -> tuple[bytes, bytes]:
    """One for this person from this network, one for them from anywhere."""
    anywhere = f"wrong codes\0{person_id}"
    return vault.index(f"{anywhere}\0{network_of(address)}"), vault.index(anywhere)


def _index(vault: Vault, person_id: UUID, code: str) -> bytes:
    return vault.index(f"recovery\0{person_id}\0{code}")
