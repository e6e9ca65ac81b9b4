"""Wrong passwords and codes are counted for each login, by network and in all.

An attempt is counted before its proof is looked at, so that a hundred guesses sent at once count
as a hundred. Passwords and codes are counted apart: whoever guesses codes slows no password.
"""

from datetime import datetime
from typing import Literal

from backend.accounts import repository
from backend.accounts.domain import (
    FREE_FAILURES,
    FREE_FAILURES_ANYWHERE,
    Login,
    TooManyFailures,
)
from backend.limits.domain import network_of
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault

Keys = tuple[bytes, bytes]
_FREE = (FREE_FAILURES, FREE_FAILURES_ANYWHERE)


def attempt_keys(
    vault: Vault, login: Login, address: str, *, proof: Literal["password", "code"] = "password"
) -> Keys:
    """One for this login from this network, one for it from anywhere."""
    kind = "failures" if proof == "password" else "code-failures"
    here = f"{login.indexed}\0{network_of(address)}"
    return vault.index(f"{kind}\0{here}"), vault.index(f"{kind}\0{login.indexed}")


async def count_attempt(keys: Keys, *, now: datetime) -> None:
    async with UnitOfWork(DB):
        failures = await repository.lock_failures(keys, now=now)
        wait = max(f.wait(n, now=now) for f, n in zip(failures, _FREE, strict=True))
        if wait:
            raise TooManyFailures(wait)
        for key, failed in zip(keys, failures, strict=True):
            await repository.count_failure(key, failed.counted(now=now) + 1, now=now)
