"""What this area keeps of a person: told to the person, corrected, taken away, kept for a while."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend.accounts.factors import privacy_facts as factors
from backend.accounts.federation import privacy_facts as federation
from backend.accounts.tables import (
    OneTimeCode,
    Person,
    PersonLogin,
    PersonRole,
    RefreshToken,
    SignInSession,
)
from infra.database import UnitOfWork
from infra.engine import DB
from infra.retention import Kept
from infra.vault import Vault, place

NO_PASSWORD = "!"
"""No hash of anything: nobody's password fits it."""

RETENTION = [
    *factors.RETENTION,
    *federation.RETENTION,
    Kept(
        kind="one-time-codes",
        table="one_time_code",
        old="t.created_at < $1",
        keep=timedelta(days=1),
        why="a code lives ten minutes; a day shows why one did not come",
    ),
    Kept(
        kind="counts-of-codes",
        table="code_count",
        old="greatest(t.since, t.proved_at) < $1",
        keep=timedelta(days=90),
        why="bounds codes by the day, and knows the networks an owner comes from",
    ),
    Kept(
        kind="sign-in-failures",
        table="sign_in_failure",
        old="t.last_at < $1",
        keep=timedelta(days=1),
        why="slows guessing; forgotten for that purpose after 15 minutes",
    ),
    Kept(
        kind="refresh-tokens-of-ended-sessions",
        table="refresh_token",
        old="t.session IN (SELECT id FROM sign_in_session"
        " WHERE coalesce(revoked_at, expires_at) < $1)",
        keep=timedelta(days=30),
        why="shows that a stolen token was used after its session had ended",
    ),
    Kept(
        kind="ended-sessions",
        table="sign_in_session",
        old="coalesce(t.revoked_at, t.expires_at) < $1"
        " AND NOT EXISTS (SELECT FROM refresh_token r WHERE r.session = t.id)",
        keep=timedelta(days=183),
        why="GB/T 22239 asks for six months of sign-in logs",
    ),
]


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    person = await Person.objects().where(Person.id == person_id).first()
    if person is None or not person.name_sealed:
        return {}
    logins = await PersonLogin.select(
        PersonLogin.login_index, PersonLogin.kind, PersonLogin.sealed
    ).where(PersonLogin.person == person_id)
    return {
        "name": vault.open(person.name_sealed, place(Person.name_sealed, person_id)),
        "createdAt": person.created_at,
        "identity": {
            "method": person.identity_method,
            "verifiedAt": person.identity_verified_at,
            "validUntil": person.identity_valid_until,
        },
        "logins": [{"kind": row["kind"], "value": _login(vault, row)} for row in logins],
        "roles": await PersonRole.select(
            PersonRole.role, PersonRole.granted_at.as_alias("grantedAt")
        ).where(PersonRole.person == person_id),
        "sessions": await _sessions(person_id),
        "secondFactors": await factors.personal_data(vault, person_id),
        "linkedIdentities": await federation.personal_data(person_id),
    }


async def _sessions(person_id: UUID) -> list[dict[str, Any]]:
    session = SignInSession
    return await (
        session.select(
            session.started_at.as_alias("startedAt"),
            session.last_used_at.as_alias("lastUsedAt"),
            session.expires_at.as_alias("expiresAt"),
            session.revoked_at.as_alias("endedAt"),
            session.revoked_because.as_alias("endedBecause"),
            session.method,
            session.device,
        )
        .where(session.person == person_id)
        .order_by(session.started_at, ascending=False)
    )


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """Ends sessions and frees logins, so that a recycled number can sign up anew. The row stays,
    blank, because evidence names its random id. Safe to repeat."""
    async with UnitOfWork(DB):
        mine = SignInSession.person == person_id
        await SignInSession.update(
            {SignInSession.revoked_at: now, SignInSession.revoked_because: "erasure"}
        ).where(mine, SignInSession.revoked_at.is_null())
        await RefreshToken.delete().where(
            RefreshToken.session.is_in(SignInSession.select(SignInSession.id).where(mine))
        )
        await SignInSession.update({SignInSession.device: None}).where(mine)
        await factors.erase_person(person_id)
        logins = PersonLogin.select(PersonLogin.login_index).where(PersonLogin.person == person_id)
        await OneTimeCode.delete().where(
            (OneTimeCode.asked_by == person_id) | OneTimeCode.login_index.is_in(logins)
        )
        await federation.erase_person(person_id)
        await PersonLogin.delete().where(PersonLogin.person == person_id)
        await PersonRole.delete().where(PersonRole.person == person_id)
        await _blank(person_id, now)


async def _blank(person_id: UUID, now: datetime) -> None:
    """Nothing is sealed in an empty `name_sealed`: whoever opens names looks at `erased_at`."""
    await Person.update(
        {
            Person.name_sealed: b"",
            Person.password_hash: NO_PASSWORD,
            Person.identity_method: None,
            Person.identity_verified_at: None,
            Person.identity_valid_until: None,
            Person.erased_at: now,
        }
    ).where(Person.id == person_id, Person.erased_at.is_null())


def _login(vault: Vault, row: dict[str, Any]) -> str:
    at = place(PersonLogin.sealed, bytes(row["login_index"]))
    return vault.open(bytes(row["sealed"]), at)


async def is_erased(person_id: UUID) -> bool:
    return await Person.exists().where(Person.id == person_id, Person.erased_at.is_not_null())


async def correct_name(vault: Vault, person_id: UUID, name: str) -> bool:
    """False where the name was verified: then only another verification changes it."""
    changed = (
        await Person.update(
            {Person.name_sealed: vault.seal(name, place(Person.name_sealed, person_id))}
        )
        .where(Person.id == person_id, Person.identity_method.is_null(), Person.erased_at.is_null())
        .returning(Person.id)
    )
    return bool(changed)


async def roles_to_give_up(person_id: UUID) -> list[str]:
    """Roles that stand in the way of erasure: whoever judged others must be found again."""
    rows = (
        await PersonRole.select(PersonRole.role)
        .where(PersonRole.person == person_id, PersonRole.role != "learner")
        .order_by(PersonRole.role)
    )
    return [row["role"] for row in rows]
