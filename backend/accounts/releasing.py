"""Taking a login from a dormant account: its carrier gave the number to somebody else."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from backend.accounts import repository
from backend.accounts.codes import repository as codes_repository
from backend.accounts.codes import service as codes
from backend.accounts.domain import (
    AccountInUse,
    NobodyByThatLogin,
    NotOfDemonstrations,
    typed_login,
)
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Released:
    logins_left: int


async def release_login(vault: Vault, login_text: str, *, reason: str, now: datetime) -> Released:
    """For whoever runs the installation. The login itself is told nothing: it is another's now."""
    login = typed_login(login_text)
    index = vault.index(login.indexed)
    async with UnitOfWork(DB):
        account = await repository.account_of(index)
        if account is None:
            raise NobodyByThatLogin
        if account.demonstration:
            raise NotOfDemonstrations
        person_id = account.person_id
        await repository.lock_person(person_id)
        known = await codes_repository.known(index, demo=False)
        if known is None:
            raise NobodyByThatLogin  # taken away while we waited
        if not known.dormant(now=now):
            raise AccountInUse
        await repository.remove_login(index, person_id)
        await repository.end_sessions_of(person_id, "recovery", now=now)
        await codes.tell(person_id, "login-released", vault=vault)
        await record_act(
            "login-released",
            actor=None,
            subject=f"person:{person_id}",
            now=now,
            details={"kind": login.kind, "reason": reason},
        )
        left = len(await repository.logins_of(person_id))
    _log.warning("login_released", person=str(person_id))
    return Released(left)
