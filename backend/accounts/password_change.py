"""A new password for whoever is signed in and proves once more to be there."""

from datetime import datetime
from uuid import UUID

import structlog

from backend.accounts import repository
from backend.accounts.attempts import attempt_keys, count_attempt
from backend.accounts.codes import service as codes
from backend.accounts.codes.domain import CodeNotRight, Purpose
from backend.accounts.desk import Desk, Visit
from backend.accounts.domain import Caller, Login, PresentPasswordWrong, folded_password
from backend.accounts.signing_in import redeemed_account
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB

_log = structlog.get_logger(__name__)


async def change_by_password(
    desk: Desk, caller: Caller, present: str, new: str, *, visit: Visit, now: datetime
) -> list[UUID]:
    """The sessions that ended: all but this one. Each attempt counts, as at signing in."""
    keys = attempt_keys(desk.vault, Login("email", f"person:{caller.person_id}"), visit.address)
    await count_attempt(keys, now=now)
    await repository.must_be_own(caller.person_id)
    person = await repository.person_of(caller.person_id)
    if not await desk.passwords.verify(person.password_hash, folded_password(present)):
        raise PresentPasswordWrong
    hashed = await desk.passwords.hash(new)
    async with UnitOfWork(DB):
        await repository.forget_failures(keys)
        ended = await _change(desk, caller, hashed, now=now)
    _log.info("password_changed", person=str(caller.person_id))
    return ended


async def change_by_code(
    desk: Desk,
    caller: Caller,
    login: Login,
    code_id: UUID,
    code: str,
    new: str,
    *,
    visit: Visit,
    now: datetime,
) -> list[UUID]:
    """A code of purpose `recovery`, to a login of the caller's own."""
    keys = attempt_keys(desk.vault, login, visit.address, proof="code")
    await count_attempt(keys, now=now)
    await repository.must_be_own(caller.person_id)
    hashed = await desk.passwords.hash(new)
    ended: list[UUID] | None = None
    async with UnitOfWork(DB):
        account = await redeemed_account(desk, login, code_id, Purpose.RECOVERY, code, visit, now)
        if account is not None and account.person_id == caller.person_id:
            await repository.forget_failures(keys)
            ended = await _change(desk, caller, hashed, now=now)
    if ended is None:
        raise CodeNotRight
    return ended


async def _change(desk: Desk, caller: Caller, hashed: str, *, now: datetime) -> list[UUID]:
    person_id = caller.person_id
    await repository.set_password_hash(person_id, hashed)
    ended = await repository.end_sessions_of(person_id, "elsewhere", now=now, but=caller.session_id)
    await codes.tell(person_id, "password-changed", vault=desk.vault)
    subject = f"person:{person_id}"
    await record_act("password-changed", actor=person_id, subject=subject, now=now)
    return ended
