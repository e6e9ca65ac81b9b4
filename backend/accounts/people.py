"""People: their names, identities and roles."""

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from backend.accounts import repository
from backend.accounts.demonstration import DEMO_ACCOUNTS, PASSWORD, DemoAccount
from backend.accounts.domain import (
    Holder,
    IdentityFacts,
    Login,
    LoginTaken,
    NobodyByThatLogin,
    Role,
    typed_login,
)
from backend.accounts.passwords import hash_password
from backend.accounts.tables import Person, PersonLogin
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.errors import NotFound
from infra.ids import uuid7
from infra.vault import Vault, place

_log = structlog.get_logger(__name__)


async def add_person(
    vault: Vault,
    *,
    name: str,
    login: Login,
    password_hash: str | None,
    roles: Iterable[Role],
    demonstration: bool,
    now: datetime,
    proved: bool = False,
) -> UUID:
    """`proved`: a code that was sent to the login came back right."""
    new = uuid7()
    person = Person(
        id=new,
        name_sealed=vault.seal(name, place(Person.name_sealed, new)),
        password_hash=password_hash,
        demonstration=demonstration,
        created_at=now,
    )
    async with UnitOfWork(DB):
        await repository.add_person(person)
        await add_login(vault, person.id, login, proved_at=now if proved else None)
        await repository.add_roles(person.id, roles, now=now)
    return person.id


async def add_login(
    vault: Vault, person_id: UUID, login: Login, *, proved_at: datetime | None
) -> None:
    """LoginTaken is for whoever proved the login, or runs the installation; nobody else."""
    index = vault.index(login.indexed)
    added = await repository.add_login(
        PersonLogin(
            login_index=index,
            person=person_id,
            kind=login.kind,
            sealed=vault.seal(login.value, place(PersonLogin.sealed, index)),
            proved_at=proved_at,
        )
    )
    if not added:
        raise LoginTaken


async def holder_of(vault: Vault, person_id: UUID) -> Holder:
    for found in (await holders_of(vault, [person_id])).values():
        return found
    raise NotFound


async def holders_of(vault: Vault, people: Collection[UUID]) -> dict[UUID, Holder]:
    """With one query. Who is not known here is missing."""
    rows = await repository.holders(people)
    return {row["id"]: _holder(vault, row) for row in rows}


def _holder(vault: Vault, row: dict[str, Any]) -> Holder:
    sealed = row["name_sealed"]
    return Holder(
        row["id"],
        _opened(vault, row["id"], sealed) if sealed else "",
        identity_verified=row["identity_method"] is not None,
        identity_method=row["identity_method"],
        identity_valid_until=row["identity_valid_until"],
    )


async def identity_of(person_id: UUID) -> IdentityFacts:
    """As it was verified: whether it still holds is for whoever knows the time to say."""
    person = await repository.person_of(person_id)
    return IdentityFacts(
        person.identity_method, person.identity_verified_at, person.identity_valid_until
    )


async def names_of(vault: Vault, people: Collection[UUID]) -> dict[UUID, str]:
    """Full names, for whoever shows them masked; one query. Erased people are missing."""
    sealed = await repository.sealed_names(people)
    return {person_id: _opened(vault, person_id, name) for person_id, name in sealed.items()}


def _opened(vault: Vault, person_id: UUID, name_sealed: bytes) -> str:
    return vault.open(name_sealed, place(Person.name_sealed, person_id))


async def person_by_login(vault: Vault, login_text: str) -> UUID | None:
    """For managers who add somebody by login; what it found is never told to an outsider."""
    account = await repository.account_of(vault.index(typed_login(login_text).indexed))
    return account.person_id if account else None


async def set_identity(
    vault: Vault,
    person_id: UUID,
    *,
    name: str,
    method: str,
    verified_at: datetime,
    valid_until: datetime | None,
) -> bool:
    """The verified name becomes the person's name: it is the one a record will carry. False for
    somebody who was erased meanwhile."""
    return await repository.set_identity(
        person_id,
        name_sealed=vault.seal(name, place(Person.name_sealed, person_id)),
        method=method,
        verified_at=verified_at,
        valid_until=valid_until,
    )


async def clear_identity(person_id: UUID) -> None:
    async with UnitOfWork(DB):
        await repository.clear_identity(person_id)


async def ensure_demo_people(vault: Vault, now: datetime) -> tuple[DemoAccount, ...]:
    """Only for a demonstration system; repeated, it adds whoever is missing."""
    hashed = await asyncio.to_thread(hash_password, PASSWORD)
    for account in DEMO_ACCOUNTS:
        with suppress(LoginTaken):
            person_id = await add_person(
                vault,
                name=account.name,
                login=typed_login(account.login),
                password_hash=hashed,
                roles=account.roles,
                demonstration=True,
                now=now,
            )
            await set_identity(
                vault,
                person_id,
                name=account.name,
                method="null",  # nobody was looked at: `backend.identity.checks` says so loudly
                verified_at=now,
                valid_until=None,
            )
    return DEMO_ACCOUNTS


async def grant_role(vault: Vault, login_text: str, role: Role, *, now: datetime) -> UUID:
    """For whoever runs the installation. It counts from the person's next refresh on."""
    async with UnitOfWork(DB):
        account = await _account(vault, login_text)
        await repository.add_roles(account.person_id, [role], now=now)
        await _record_role("role-granted", account.person_id, role, now)
    _log.warning("role_granted", person=str(account.person_id), role=role)
    return account.person_id


async def withdraw_role(vault: Vault, login_text: str, role: Role, *, now: datetime) -> UUID:
    """Ends the person's sessions too: the role travels in their access tokens."""
    async with UnitOfWork(DB):
        account = await _account(vault, login_text)
        await repository.remove_role(account.person_id, role)
        await repository.end_sessions_of(account.person_id, "role", now=now)
        await _record_role("role-withdrawn", account.person_id, role, now)
    _log.warning("role_withdrawn", person=str(account.person_id), role=role)
    return account.person_id


async def _record_role(act: str, person_id: UUID, role: Role, now: datetime) -> None:
    """No actor: roles are given and taken from the terminal of whoever runs the installation."""
    await record_act(
        act, actor=None, subject=f"person:{person_id}", now=now, details={"role": role.value}
    )


async def _account(vault: Vault, login_text: str) -> repository.Account:
    account = await repository.account_of(vault.index(typed_login(login_text).indexed))
    if account is None:
        raise NobodyByThatLogin
    return account


async def people_in(role: Role) -> set[UUID]:
    """Everybody who has this role. For roles that few have."""
    return await repository.people_in(role)
