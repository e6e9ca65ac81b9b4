"""Identities elsewhere: told to the person, taken away, and what goes by itself."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from backend.accounts.federation import repository
from infra.retention import Kept

RETENTION = [
    Kept(
        kind="sign-ins-begun-elsewhere",
        table="federated_attempt",
        old="t.expires_at < $1",
        keep=timedelta(days=1),
        why="lets a browser come back from its identity provider; worth nothing after minutes",
    )
]


async def personal_data(person_id: UUID) -> list[dict[str, Any]]:
    """The subject is not among it: only a keyed hash of it is here."""
    return [
        {"provider": m.provider, "linkedAt": m.linked_at, "lastUsedAt": m.last_used_at}
        for m in await repository.identities_of(person_id)
    ]


async def erase_person(person_id: UUID) -> None:
    """In the caller's `UnitOfWork`. Whoever comes back from there is a stranger."""
    await repository.forget(person_id)
