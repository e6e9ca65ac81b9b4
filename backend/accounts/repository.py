"""Rows of people, roles and sessions."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from backend.accounts.domain import Role
from backend.accounts.tables import Person, PersonRole, SignInSession
from infra.ids import uuid7


async def add_person(person: Person) -> None:
    await Person.insert(person)


async def add_roles(person_id: UUID, roles: Iterable[Role], *, now: datetime) -> None:
    rows = [PersonRole(id=uuid7(), person=person_id, role=r, granted_at=now) for r in roles]
    await PersonRole.insert(*rows).on_conflict(
        target=(PersonRole.person, PersonRole.role), action="DO NOTHING"
    )


async def roles_of(person_id: UUID) -> frozenset[Role]:
    rows = await PersonRole.select(PersonRole.role).where(PersonRole.person == person_id)
    return frozenset(Role(row["role"]) for row in rows)


async def add_session(person_id: UUID, *, now: datetime, expires_at: datetime) -> UUID:
    session = SignInSession(id=uuid7(), person=person_id, started_at=now, expires_at=expires_at)
    await SignInSession.insert(session)
    return session.id
