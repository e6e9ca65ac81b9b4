"""Signing up and signing in, by password or by code."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog

from backend.accounts import repository
from backend.accounts.agreeing import record_agreements
from backend.accounts.attempts import attempt_keys, count_attempt
from backend.accounts.codes import service as codes
from backend.accounts.codes.domain import CodeNotRight, Purpose
from backend.accounts.demonstration import demonstration_code
from backend.accounts.desk import Desk, Visit
from backend.accounts.domain import Login, Role, WrongLogin, folded_password, typed_login
from backend.accounts.people import add_person
from backend.accounts.sessions import SignedIn, open_session
from infra.database import UnitOfWork
from infra.engine import DB

_log = structlog.get_logger(__name__)


async def sign_up(
    desk: Desk,
    name: str,
    login: Login,
    password: str | None,
    code_id: UUID,
    code: str,
    *,
    visit: Visit,
    now: datetime,
) -> tuple[UUID, SignedIn]:
    """The code proves the login; for one that has an account no code is right, and only its owner
    is told why. Without a password the person goes on signing in by code."""
    keys = attempt_keys(desk.vault, login, visit.address, proof="code")
    await count_attempt(keys, now=now)
    hashed = await desk.passwords.hash(password) if password is not None else None
    new: tuple[UUID, SignedIn] | None = None
    async with UnitOfWork(DB):
        if await codes.redeem(
            desk.vault, code_id, login, Purpose.SIGN_UP, code, address=visit.address, now=now
        ):
            person_id = await add_person(
                desk.vault,
                name=name,
                login=login,
                password_hash=hashed,
                roles=[Role.LEARNER],
                demonstration=False,
                now=now,
                proved=True,
            )
            await record_agreements(person_id, desk.agreements, now=now)
            await repository.forget_failures(keys)
            session = await open_session(
                desk.tokens, person_id, now=now, method="code", device=visit.device
            )
            new = person_id, session
    if new is None:
        raise CodeNotRight
    return new


async def sign_in(
    desk: Desk, login_text: str, password: str, *, visit: Visit, now: datetime
) -> SignedIn:
    """Three steps, each its own transaction: none is held open while argon2 works."""
    login = typed_login(login_text)
    keys = attempt_keys(desk.vault, login, visit.address)
    await count_attempt(keys, now=now)
    account = await repository.account_of(desk.vault.index(login.indexed))
    hashed = account.password_hash if account else None
    right = await desk.passwords.verify(hashed, folded_password(password))
    if account is None or not right or (account.demonstration and not desk.demo):
        _log.info("sign_in_refused")
        raise WrongLogin
    if hashed is not None and desk.passwords.needs_new_hash(hashed):
        new = await desk.passwords.hash(folded_password(password))
        await repository.replace_password_hash(account.person_id, hashed, new)
        hashed = new
    async with UnitOfWork(DB):
        if not await repository.hold_password(account.person_id, hashed):
            raise WrongLogin  # changed or recovered meanwhile: then every older sign-in has ended
        await repository.forget_failures(keys)
        signed_in = await open_session(desk.tokens, account.person_id, now=now, device=visit.device)
    _log.info("signed_in", person=str(account.person_id))
    return _complete(signed_in, account, now=now)


async def sign_in_by_code(
    desk: Desk, login_text: str, code_id: UUID, code: str, *, visit: Visit, now: datetime
) -> SignedIn:
    login = typed_login(login_text)
    keys = attempt_keys(desk.vault, login, visit.address, proof="code")
    await count_attempt(keys, now=now)
    signed_in: SignedIn | None = None
    async with UnitOfWork(DB):
        account = await redeemed_account(desk, login, code_id, Purpose.SIGN_IN, code, visit, now)
        if account is not None:
            await repository.forget_failures(keys)
            signed_in = await open_session(
                desk.tokens, account.person_id, now=now, method="code", device=visit.device
            )
    if account is None or signed_in is None:
        _log.info("sign_in_refused")
        raise CodeNotRight
    _log.info("signed_in", person=str(account.person_id))
    return _complete(signed_in, account, now=now)


def _complete(signed_in: SignedIn, account: repository.Account, *, now: datetime) -> SignedIn:
    """A demonstration account's second factor is shown to everybody."""
    if account.demonstration and signed_in.waiting:
        return replace(signed_in, demonstration_code=demonstration_code(now))
    return signed_in


async def redeemed_account(
    desk: Desk,
    login: Login,
    code_id: UUID,
    purpose: Purpose,
    code: str,
    visit: Visit,
    now: datetime,
) -> repository.Account | None:
    """Inside a unit of work, which must commit before a refusal: the try is counted."""
    right = await codes.redeem(
        desk.vault, code_id, login, purpose, code, address=visit.address, now=now
    )
    return await repository.account_of(desk.vault.index(login.indexed)) if right else None
