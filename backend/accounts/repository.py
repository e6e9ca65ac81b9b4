"""Rows of people, roles and sessions."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from backend.accounts.domain import (
    Failures,
    Login,
    Method,
    NotOfDemonstrations,
    RefreshState,
    RefreshTokenNotKnown,
    Role,
)
from backend.accounts.tables import (
    Person,
    PersonLogin,
    PersonRole,
    RefreshToken,
    SignInFailure,
    SignInSession,
)
from infra.errors import NotFound
from infra.ids import uuid7
from infra.vault import Vault, place


class Account(msgspec.Struct, frozen=True):
    """What signing in needs to know of a person."""

    person_id: UUID
    password_hash: str | None
    demonstration: bool


class LoginRow(msgspec.Struct, frozen=True):
    login_index: bytes
    kind: Literal["email", "phone"]
    sealed: bytes
    proved_at: datetime | None

    def opened(self, vault: Vault) -> Login:
        at = place(PersonLogin.sealed, self.login_index)
        return Login(self.kind, vault.open(self.sealed, at))


class LockedToken(msgspec.Struct, frozen=True):
    session_id: UUID
    person_id: UUID
    demonstration: bool
    second_factor: bool
    """The session has seen one."""
    started_at: datetime
    state: RefreshState


async def add_person(person: Person) -> None:
    await Person.insert(person)


async def add_login(login: PersonLogin) -> bool:
    """False when somebody has it already."""
    added = await PersonLogin.insert(login).on_conflict(
        target=PersonLogin.login_index, action="DO NOTHING"
    )
    return bool(added)


async def person_of(person_id: UUID) -> Person:
    person = await Person.objects().where(Person.id == person_id).first()
    if person is None:
        raise NotFound
    return person


async def holders(people: Collection[UUID]) -> list[dict[str, Any]]:
    """Name and identity of each."""
    if not people:
        return []
    return await Person.select(
        Person.id, Person.name_sealed, Person.identity_method, Person.identity_valid_until
    ).where(Person.id.is_in(list(people)))


async def sealed_names(people: Collection[UUID]) -> dict[UUID, bytes]:
    if not people:
        return {}
    rows = await Person.select(Person.id, Person.name_sealed).where(
        Person.id.is_in(list(people)), Person.erased_at.is_null()
    )
    return {row["id"]: row["name_sealed"] for row in rows}


async def account_of(login_index: bytes) -> Account | None:
    row = (
        await PersonLogin.select(
            PersonLogin.person.as_alias("person_id"),
            PersonLogin.person.password_hash.as_alias("password_hash"),
            PersonLogin.person.demonstration.as_alias("demonstration"),
        )
        .where(PersonLogin.login_index == login_index, PersonLogin.person.erased_at.is_null())
        .first()
    )
    return msgspec.convert(row, Account) if row else None


async def logins_of(person_id: UUID) -> list[LoginRow]:
    rows = (
        await PersonLogin.select(
            PersonLogin.login_index, PersonLogin.kind, PersonLogin.sealed, PersonLogin.proved_at
        )
        .where(PersonLogin.person == person_id)
        .order_by(PersonLogin.login_index)
    )
    return [msgspec.convert(row, LoginRow) for row in rows]


async def login_of(login_index: bytes) -> LoginRow | None:
    row = (
        await PersonLogin.select(
            PersonLogin.login_index, PersonLogin.kind, PersonLogin.sealed, PersonLogin.proved_at
        )
        .where(PersonLogin.login_index == login_index)
        .first()
    )
    return msgspec.convert(row, LoginRow) if row else None


async def has_password(person_id: UUID) -> bool:
    return await Person.exists().where(Person.id == person_id, Person.password_hash.like("$%"))


async def replace_password_hash(person_id: UUID, old: str, new: str) -> None:
    await Person.update({Person.password_hash: new}).where(
        Person.id == person_id, Person.password_hash == old
    )


async def lock_person(person_id: UUID) -> None:
    """Changes of one person's ways in queue here: two cannot remove the last two, and none that
    a thief began outlasts the owner's recovery. It holds up no row that only names the person."""
    await Person.select(Person.id).where(Person.id == person_id).lock_rows("NO KEY UPDATE")


async def hold_password(person_id: UUID, hashed: str | None) -> bool:
    """False when it was changed since it was read; else it stays until the unit of work is over."""
    same = Person.password_hash == hashed if hashed else Person.password_hash.is_null()
    held = await Person.select(Person.id).where(Person.id == person_id, same).lock_rows("SHARE")
    return bool(held)


async def must_be_own(person_id: UUID) -> None:
    if await Person.exists().where(Person.id == person_id, Person.demonstration.eq(True)):
        raise NotOfDemonstrations


async def remove_login(login_index: bytes, person_id: UUID) -> None:
    await PersonLogin.delete().where(
        PersonLogin.login_index == login_index, PersonLogin.person == person_id
    )


async def set_password_hash(person_id: UUID, hashed: str | None) -> None:
    await Person.update({Person.password_hash: hashed}).where(Person.id == person_id)


async def set_identity(
    person_id: UUID,
    *,
    name_sealed: bytes,
    method: str,
    verified_at: datetime,
    valid_until: datetime | None,
) -> bool:
    """False for somebody who was erased meanwhile: no name comes back to a blank row."""
    changed = (
        await Person.update(
            {
                Person.name_sealed: name_sealed,
                Person.identity_method: method,
                Person.identity_verified_at: verified_at,
                Person.identity_valid_until: valid_until,
            }
        )
        .where(Person.id == person_id, Person.erased_at.is_null())
        .returning(Person.id)
    )
    return bool(changed)


async def clear_identity(person_id: UUID) -> None:
    await Person.update(
        {
            Person.identity_method: None,
            Person.identity_verified_at: None,
            Person.identity_valid_until: None,
        }
    ).where(Person.id == person_id)


async def add_roles(person_id: UUID, roles: Iterable[Role], *, now: datetime) -> None:
    rows = [PersonRole(id=uuid7(), person=person_id, role=r, granted_at=now) for r in roles]
    await PersonRole.insert(*rows).on_conflict(
        target=(PersonRole.person, PersonRole.role), action="DO NOTHING"
    )


async def roles_of(person_id: UUID) -> frozenset[Role]:
    rows = await PersonRole.select(PersonRole.role).where(PersonRole.person == person_id)
    return frozenset(Role(row["role"]) for row in rows)


async def people_in(role: Role) -> set[UUID]:
    rows = await PersonRole.select(PersonRole.person).where(PersonRole.role == role)
    return {row["person"] for row in rows}


async def remove_role(person_id: UUID, role: Role) -> None:
    await PersonRole.delete().where(PersonRole.person == person_id, PersonRole.role == role)


async def add_session(
    person_id: UUID,
    *,
    now: datetime,
    expires_at: datetime,
    method: Method = "password",
    second_factor_at: datetime | None = None,
    device: str | None = None,
) -> UUID:
    session = SignInSession(
        id=uuid7(),
        person=person_id,
        started_at=now,
        expires_at=expires_at,
        method=method,
        second_factor_at=second_factor_at,
        last_used_at=now,
        device=device,
    )
    await SignInSession.insert(session)
    return session.id


async def touch_session(session_id: UUID, *, now: datetime) -> None:
    await SignInSession.update({SignInSession.last_used_at: now}).where(
        SignInSession.id == session_id
    )


async def end_session(session_id: UUID, because: str, *, now: datetime) -> None:
    await SignInSession.update(
        {SignInSession.revoked_at: now, SignInSession.revoked_because: because}
    ).where(SignInSession.id == session_id, SignInSession.revoked_at.is_null())


async def end_sessions_of(
    person_id: UUID, because: str, *, now: datetime, but: UUID | None = None
) -> list[UUID]:
    """Those that ended now; `but` is left to live."""
    query = (
        SignInSession.update(
            {SignInSession.revoked_at: now, SignInSession.revoked_because: because}
        )
        .where(SignInSession.person == person_id, SignInSession.revoked_at.is_null())
        .returning(SignInSession.id)
    )
    if but is not None:
        query = query.where(SignInSession.id != but)
    return [row["id"] for row in await query]


async def session_ended(session_id: UUID) -> bool:
    return await SignInSession.exists().where(
        SignInSession.id == session_id, SignInSession.revoked_at.is_not_null()
    )


async def add_refresh_token(sha256: bytes, session_id: UUID, *, now: datetime) -> None:
    await RefreshToken.insert(RefreshToken(token_sha256=sha256, session=session_id, issued_at=now))


async def mark_used(sha256: bytes, *, now: datetime) -> None:
    await RefreshToken.update({RefreshToken.used_at: now}).where(
        RefreshToken.token_sha256 == sha256
    )


async def lock_token(sha256: bytes, successor_sha256: bytes) -> LockedToken:
    """The session is locked before its tokens are read: exchanges of one session queue here."""
    found = (
        await RefreshToken.select(RefreshToken.session)
        .where(RefreshToken.token_sha256 == sha256)
        .first()
    )
    if found is None:
        raise RefreshTokenNotKnown
    session = (
        await SignInSession.select(
            SignInSession.id,
            SignInSession.person,
            SignInSession.started_at,
            SignInSession.expires_at,
            SignInSession.revoked_at,
            SignInSession.second_factor_at,
            SignInSession.person.demonstration,
        )
        .where(SignInSession.id == found["session"])
        .first()
        .lock_rows("UPDATE", of=(SignInSession,))
    )
    tokens = await RefreshToken.select(RefreshToken.token_sha256, RefreshToken.used_at).where(
        RefreshToken.token_sha256.is_in([sha256, successor_sha256])
    )
    used = {bytes(row["token_sha256"]): row["used_at"] for row in tokens}
    state = RefreshState(
        session_expires_at=session["expires_at"],
        session_revoked_at=session["revoked_at"],
        used_at=used[sha256],
        successor_used=used.get(successor_sha256) is not None,
    )
    return LockedToken(
        session["id"],
        session["person"],
        session["person.demonstration"],
        session["second_factor_at"] is not None,
        session["started_at"],
        state,
    )


async def lock_failures(keys: Sequence[bytes], *, now: datetime) -> list[Failures]:
    """In the order of `keys`; locked in their sorted order, so two requests cannot deadlock.

    One statement: a row that another request forgets meanwhile is not missed."""
    new = [SignInFailure(login_index=k, in_a_row=0, last_at=now) for k in sorted(keys)]
    rows = (
        await SignInFailure.insert(*new)
        .on_conflict(
            target=SignInFailure.login_index,
            action="DO UPDATE",
            values=[SignInFailure.login_index],
        )
        .returning(*SignInFailure.all_columns())
    )
    by_key = {bytes(r["login_index"]): Failures(r["in_a_row"], r["last_at"]) for r in rows}
    return [by_key[key] for key in keys]


async def count_failure(key: bytes, in_a_row: int, *, now: datetime) -> None:
    await SignInFailure.update(
        {SignInFailure.in_a_row: min(in_a_row, 1000), SignInFailure.last_at: now}
    ).where(SignInFailure.login_index == key)


async def forget_failures(keys: Sequence[bytes]) -> None:
    """Locked in the order that `lock_failures` locks them in."""
    await (
        SignInFailure.select(SignInFailure.login_index)
        .where(SignInFailure.login_index.is_in(list(keys)))
        .order_by(SignInFailure.login_index)
        .lock_rows("UPDATE")
    )
    await SignInFailure.delete().where(SignInFailure.login_index.is_in(list(keys)))
