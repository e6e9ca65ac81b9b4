"""A new password for whoever is signed in and proves once more to be there."""

from datetime import datetime
from uuid import UUID

import structlog

from backend.accounts import repository
from backend.accounts.attempts import attempt_keys, count_attempt
from backend.accounts.codes import service as codes
from backend.accounts.codes.domain import CodeNotRight, Purpose
from backend.accounts.desk import Desk, Visit
from backend.accounts.domain import (
    Caller,
    LastLogin,
    Login,
    PresentPasswordWrong,
    SessionEnded,
    folded_password,
)
from backend.accounts.factors.service import must_be_fresh
from backend.accounts.signing_in import redeemed_account
from backend.accounts.ways_in import one_must_stay
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
        await repository.lock_person(caller.person_id)
        if not await repository.hold_password(caller.person_id, person.password_hash):
            raise PresentPasswordWrong
        await repository.forget_failures(keys)
        ended = await _change(desk, caller, hashed, "password-changed", now=now)
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
            await repository.lock_person(caller.person_id)
            await repository.forget_failures(keys)
            ended = await _change(desk, caller, hashed, "password-changed", now=now)
    if ended is None:
        raise CodeNotRight
    return ended


async def remove_password(desk: Desk, caller: Caller, *, now: datetime) -> list[UUID]:
    """Where something else opens the account. The sessions that ended; repeated, none."""
    person_id = caller.person_id
    async with UnitOfWork(DB):
        await repository.lock_person(person_id)
        await repository.must_be_own(person_id)
        await must_be_fresh(caller, now=now)
        if not await repository.has_password(person_id):
            return []
        ended = await _change(desk, caller, None, "password-removed", now=now)
        await one_must_stay(desk, person_id, LastLogin)
    return ended


async def _change(
    desk: Desk, caller: Caller, hashed: str | None, act: str, *, now: datetime
) -> list[UUID]:
    """Under the person's lock: a session that a recovery has just ended changes nothing."""
    person_id = caller.person_id
    if caller.session_id is None or await repository.session_ended(caller.session_id):
        raise SessionEnded
    await repository.set_password_hash(person_id, hashed)
    ended = await repository.end_sessions_of(person_id, "elsewhere", now=now, but=caller.session_id)
    await codes.tell(person_id, act, vault=desk.vault)
    subject = f"person:{person_id}"
    await record_act(act, actor=person_id, subject=subject, now=now)
    return ended
