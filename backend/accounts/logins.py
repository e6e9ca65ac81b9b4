"""My ways to sign in: e-mail addresses and numbers, linked by a code to each, never all removed."""

from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from backend.accounts import repository
from backend.accounts.attempts import attempt_keys, count_attempt
from backend.accounts.codes import service as codes
from backend.accounts.codes.domain import CodeNotRight, Purpose
from backend.accounts.desk import Desk, Visit
from backend.accounts.domain import (
    MOST_LOGINS,
    Caller,
    LastLogin,
    Login,
    LoginTaken,
    NoSuchLogin,
    TooManyLogins,
    masked_login,
)
from backend.accounts.factors.service import must_be_fresh
from backend.accounts.people import add_login
from backend.accounts.ways_in import one_must_stay
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault

_log = structlog.get_logger(__name__)


class OwnLogin(msgspec.Struct, frozen=True):
    id: UUID
    """Of its keyed index: it says nothing, and no other person's login has it."""
    kind: str
    masked: str
    proved: bool


async def my_logins(vault: Vault, person_id: UUID) -> list[OwnLogin]:
    return [_own(vault, row) for row in await repository.logins_of(person_id)]


has_password = repository.has_password


async def link_login(
    desk: Desk,
    caller: Caller,
    login: Login,
    code_id: UUID,
    code: str,
    *,
    visit: Visit,
    now: datetime,
) -> OwnLogin:
    """Needs a fresh sign-in: a stolen access token must not open a door of its own. The person's
    other logins are told."""
    keys = attempt_keys(desk.vault, login, visit.address, proof="code")
    await count_attempt(keys, now=now)
    async with UnitOfWork(DB):
        await repository.lock_person(caller.person_id)
        await repository.must_be_own(caller.person_id)
        await must_be_fresh(caller, now=now)
        right = await codes.redeem(
            desk.vault,
            code_id,
            login,
            Purpose.LINK,
            code,
            asked_by=caller.person_id,
            address=visit.address,
            now=now,
        )
        if right:
            await _link(desk.vault, caller.person_id, login, now=now)
            await repository.forget_failures(keys)
    if not right:
        raise CodeNotRight
    row = await repository.login_of(desk.vault.index(login.indexed))
    if row is None:
        raise LoginTaken
    return _own(desk.vault, row)


async def remove_login(desk: Desk, caller: Caller, login_id: UUID, *, now: datetime) -> None:
    """The removed one is told too: a thief who removes it must not keep its owner in the dark."""
    async with UnitOfWork(DB):
        await repository.lock_person(caller.person_id)
        await repository.must_be_own(caller.person_id)
        await must_be_fresh(caller, now=now)
        rows = await repository.logins_of(caller.person_id)
        row = next((row for row in rows if _id(row.login_index) == login_id), None)
        if row is None:
            raise NoSuchLogin
        removed = row.opened(desk.vault)
        await codes.tell(caller.person_id, "login-removed", but=removed, vault=desk.vault)
        await codes.tell_once(removed, "login-removed", vault=desk.vault)
        await repository.remove_login(row.login_index, caller.person_id)
        await one_must_stay(desk, caller.person_id, LastLogin)
        await _record("login-removed", caller.person_id, removed, now=now)


async def _link(vault: Vault, person_id: UUID, login: Login, *, now: datetime) -> None:
    if len(await repository.logins_of(person_id)) >= MOST_LOGINS:
        raise TooManyLogins
    await add_login(vault, person_id, login, proved_at=now)
    await codes.tell(person_id, "login-added", but=login, vault=vault)
    await _record("login-added", person_id, login, now=now)


async def _record(act: str, person_id: UUID, login: Login, *, now: datetime) -> None:
    subject, details = f"person:{person_id}", {"kind": login.kind}
    await record_act(act, actor=person_id, subject=subject, now=now, details=details)
    _log.info(act.replace("-", "_"), person=str(person_id))


def _own(vault: Vault, row: repository.LoginRow) -> OwnLogin:
    login = row.opened(vault)
    proved = row.proved_at is not None
    return OwnLogin(_id(row.login_index), row.kind, masked_login(login), proved)


def _id(login_index: bytes) -> UUID:
    return UUID(bytes=login_index[:16])
