"""Sending a code, and taking it back once."""

import hmac
import os
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.accounts import repository as accounts
from backend.accounts.codes import repository
from backend.accounts.codes.domain import (
    LIFETIME,
    RESEND_AFTER,
    Message,
    NoMessages,
    Purpose,
    TooManyCodes,
    digits_of,
    message_for,
    typed_code,
    wait,
)
from backend.accounts.codes.texts import code_text, notice_text
from backend.accounts.domain import Login
from backend.accounts.messages import Messages, NullMessages, Text, carrier
from backend.accounts.tables import OneTimeCode
from backend.limits.domain import network_of
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.queue import enqueue
from infra.vault import Vault, place

SEND_CODE, SEND_NOTICE = "send_code", "send_notice"
_HASH_BYTES = 32
_IN_A_JOB = "job.send_notice"
"""The place of a sealed login in a job."""


@dataclass(frozen=True)
class CodeAsked:
    """The same for every login; `shown` only where `NullMessages` sends nothing."""

    code_id: UUID
    expires_in: int
    resend_in: int
    shown: Text | None


async def ask_code(
    vault: Vault,
    messages: Messages | None,
    login: Login,
    purpose: Purpose,
    *,
    asked_by: UUID | None,
    address: str,
    demo: bool,
    now: datetime,
) -> CodeAsked:
    """Known or unknown, a login costs the same statements and one message: its owner alone is
    told which. The message leaves from the queue, so that no gateway's time shows either."""
    if (messages := carrier(messages, login.kind)) is None:
        raise NoMessages
    code_id, index = uuid7(), vault.index(login.indexed)
    async with UnitOfWork(DB):
        await _count(vault, login, purpose, address, now=now)
        known = await repository.known(index, demo=demo)
        message = message_for(purpose, known, now=now)
        code = _code(vault, code_id)
        real = _hash(vault, code_id, code)
        await repository.add(
            OneTimeCode(
                id=code_id,
                login_index=index,
                to_sealed=vault.seal(
                    f"{login.kind}:{login.value}", place(OneTimeCode.to_sealed, code_id)
                ),
                purpose=purpose,
                message=message,
                asked_by=asked_by,
                code_hash=real if message is Message.CODE else os.urandom(_HASH_BYTES),
                created_at=now,
                expires_at=now + LIFETIME,
                tries=0,
            )
        )
        await enqueue(SEND_CODE, {"code_id": str(code_id)})
    shown = code_text(purpose, message, code) if isinstance(messages, NullMessages) else None
    seconds = int(LIFETIME.total_seconds()), int(RESEND_AFTER.total_seconds())
    return CodeAsked(code_id, *seconds, shown)


async def redeem(
    vault: Vault,
    code_id: UUID,
    login: Login,
    purpose: Purpose,
    typed: str,
    *,
    asked_by: UUID | None = None,
    address: str,
    now: datetime,
) -> bool:
    """Inside the unit of work of what the code is for. False: the try is counted, so let the unit
    commit before `CodeNotRight` is raised."""
    found = await repository.lock(code_id, vault.index(login.indexed), purpose, asked_by)
    right = hmac.compare_digest(
        found.code_hash if found else bytes(_HASH_BYTES), _hash(vault, code_id, typed_code(typed))
    )
    if found is None or not found.state.open(now=now):
        return False
    await repository.count_try(code_id, found.state.tries + 1, now if right else None)
    if right:
        await repository.prove(_here(vault, login, address), now=now)
    return right


async def deliver_code(
    vault: Vault, messages: Messages | None, code_id: UUID, *, now: datetime
) -> None:
    """The job: nothing is sent that is too late to use."""
    found = await repository.sent(code_id)
    if found is None or messages is None or found.expires_at <= now:
        return
    text = code_text(found.purpose, found.message, _code(vault, code_id))
    await messages.send(_login_in(vault, code_id, found.to_sealed), text)


async def tell(person_id: UUID, what: str, *, but: Login | None = None, vault: Vault) -> None:
    """Inside a unit of work: a notice to each of a person's logins, except the one `but`."""
    skipped = vault.index(but.indexed) if but else None
    for row in await accounts.logins_of(person_id):
        if row.login_index != skipped:
            await enqueue(SEND_NOTICE, {"login": row.login_index.hex(), "notice": what})


async def tell_once(login: Login, what: str, *, vault: Vault) -> None:
    """Inside a unit of work: to a login whose row is gone when the notice is sent."""
    sealed = vault.seal(f"{login.kind}:{login.value}", _IN_A_JOB)
    await enqueue(SEND_NOTICE, {"sealed": sealed.hex(), "notice": what})


async def deliver_sealed_notice(
    vault: Vault, messages: Messages | None, sealed: bytes, what: str
) -> None:
    if messages is not None:
        await messages.send(_login_of(vault.open(sealed, _IN_A_JOB)), notice_text(what))


async def deliver_notice(
    vault: Vault, messages: Messages | None, login_index: bytes, what: str
) -> None:
    row = await accounts.login_of(login_index)
    if messages is not None and row is not None:
        await messages.send(row.opened(vault), notice_text(what))


async def _count(
    vault: Vault, login: Login, purpose: Purpose, address: str, *, now: datetime
) -> None:
    keys = (
        vault.index(f"codes\0{purpose}\0{login.indexed}\0{network_of(address)}"),
        _here(vault, login, address),
        vault.index(f"codes\0{login.indexed}"),
        vault.index(f"codes\0network\0{network_of(address)}"),
    )
    counts = await repository.lock_counts(keys, now=now)
    if seconds := wait(*counts, now=now):
        raise TooManyCodes(seconds)
    for key, count in zip(keys, counts, strict=True):
        await repository.keep_count(key, count, now=now)


def _here(vault: Vault, login: Login, address: str) -> bytes:
    return vault.index(f"codes\0{login.indexed}\0{network_of(address)}")


def _code(vault: Vault, code_id: UUID) -> str:
    """A function of its id under our key: nothing has to keep it until it is sent."""
    return digits_of(vault.index(f"code\0{code_id}"))


def _hash(vault: Vault, code_id: UUID, code: str) -> bytes:
    return vault.index(f"code-hash\0{code_id}\0{code}")


def _login_in(vault: Vault, code_id: UUID, sealed: bytes) -> Login:
    return _login_of(vault.open(sealed, place(OneTimeCode.to_sealed, code_id)))


def _login_of(opened: str) -> Login:
    kind, _, value = opened.partition(":")
    return Login("phone" if kind == "phone" else "email", value)
