"""A new password by a code, for whoever forgot the old one; without taking over anybody else.

The code proves one login, no more: every session ends, the person's other logins are told, and a
role that needs a second factor waits for it as before.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from backend.accounts import repository
from backend.accounts.attempts import attempt_keys, count_attempt
from backend.accounts.codes import service as codes
from backend.accounts.codes.domain import CodeNotRight, Purpose
from backend.accounts.desk import Desk, Visit
from backend.accounts.domain import Login, NotOfDemonstrations
from backend.accounts.sessions import SignedIn, open_session
from backend.accounts.signing_in import redeemed_account
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Recovered:
    signed_in: SignedIn
    ended: list[UUID]
    """Sessions whose access tokens must die at once."""


async def recover(
    desk: Desk,
    login: Login,
    password: str,
    code_id: UUID,
    code: str,
    *,
    visit: Visit,
    now: datetime,
) -> Recovered:
    keys = attempt_keys(desk.vault, login, visit.address, proof="code")
    await count_attempt(keys, now=now)
    hashed = await desk.passwords.hash(password)
    recovered: Recovered | None = None
    async with UnitOfWork(DB):
        account = await redeemed_account(desk, login, code_id, Purpose.RECOVERY, code, visit, now)
        if account is not None:
            recovered = await _recover(desk, account, login, hashed, visit=visit, now=now)
            await repository.forget_failures(keys)
    if recovered is None:
        _log.info("recovery_refused")
        raise CodeNotRight
    return recovered


async def _recover(
    desk: Desk,
    account: repository.Account,
    login: Login,
    hashed: str,
    *,
    visit: Visit,
    now: datetime,
) -> Recovered:
    if account.demonstration:
        raise NotOfDemonstrations
    person_id = account.person_id
    await repository.set_password_hash(person_id, hashed)
    ended = await repository.end_sessions_of(person_id, "recovery", now=now)
    await codes.tell(person_id, "recovered", but=login, vault=desk.vault)
    subject = f"person:{person_id}"
    await record_act("account-recovered", actor=person_id, subject=subject, now=now)
    signed_in = await open_session(
        desk.tokens, person_id, now=now, method="code", device=visit.device
    )
    _log.info("account_recovered", person=str(person_id))
    return Recovered(signed_in, ended)
