"""Rows of linked identities and of ways that have begun."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.accounts.federation.tables import FederatedAttempt, FederatedIdentity

_SWEPT_AT_ONCE = 100


class Attempt(msgspec.Struct, frozen=True):
    provider: str
    person_id: UUID | None
    session_id: UUID | None
    return_to: str
    expires_at: datetime


class Linked(msgspec.Struct, frozen=True):
    id: UUID
    person_id: UUID
    demonstration: bool
    erased_at: datetime | None


class Mine(msgspec.Struct, frozen=True):
    id: UUID
    provider: str
    linked_at: datetime
    last_used_at: datetime | None


async def begin(state: bytes, browser: bytes, attempt: Attempt, *, now: datetime) -> None:
    """Some that were never taken go by the way; two who sweep at once wait for nobody."""
    await FederatedAttempt.raw(
        "DELETE FROM federated_attempt WHERE state_sha256 IN"
        " (SELECT state_sha256 FROM federated_attempt WHERE expires_at < {} LIMIT {}"
        " FOR UPDATE SKIP LOCKED)",
        now,
        _SWEPT_AT_ONCE,
    )
    await FederatedAttempt.insert(
        FederatedAttempt(
            state_sha256=state,
            browser_sha256=browser,
            provider=attempt.provider,
            person=attempt.person_id,
            session_id=attempt.session_id,
            return_to=attempt.return_to,
            expires_at=attempt.expires_at,
        )
    )


async def take(state: bytes, browser: bytes) -> Attempt | None:
    """Once, and only for the browser in which it began."""
    row = FederatedAttempt
    rows = (
        await row.delete()
        .where(row.state_sha256 == state, row.browser_sha256 == browser)
        .returning(row.provider, row.person, row.session_id, row.return_to, row.expires_at)
    )
    if not rows:
        return None
    return msgspec.convert({**rows[0], "person_id": rows[0]["person"]}, Attempt)


async def linked(subject_index: bytes) -> Linked | None:
    row = (
        await FederatedIdentity.select(
            FederatedIdentity.id,
            FederatedIdentity.person.as_alias("person_id"),
            FederatedIdentity.person.demonstration.as_alias("demonstration"),
            FederatedIdentity.person.erased_at.as_alias("erased_at"),
        )
        .where(FederatedIdentity.subject_index == subject_index)
        .first()
    )
    return msgspec.convert(row, Linked) if row else None


async def link(identity: FederatedIdentity) -> bool:
    """False when somebody has it already."""
    added = await FederatedIdentity.insert(identity).on_conflict(
        target=FederatedIdentity.subject_index, action="DO NOTHING"
    )
    return bool(added)


async def mark_used(identity_id: UUID, *, now: datetime) -> None:
    await FederatedIdentity.update({FederatedIdentity.last_used_at: now}).where(
        FederatedIdentity.id == identity_id
    )


async def identities_of(person_id: UUID) -> list[Mine]:
    rows = (
        await FederatedIdentity.select(
            FederatedIdentity.id,
            FederatedIdentity.provider,
            FederatedIdentity.linked_at,
            FederatedIdentity.last_used_at,
        )
        .where(FederatedIdentity.person == person_id)
        .order_by(FederatedIdentity.id)
        .limit(100)
    )
    return [msgspec.convert(row, Mine) for row in rows]


async def unlink(identity_id: UUID, person_id: UUID) -> None:
    await FederatedIdentity.delete().where(
        FederatedIdentity.id == identity_id, FederatedIdentity.person == person_id
    )


async def forget(person_id: UUID) -> None:
    await FederatedIdentity.delete().where(FederatedIdentity.person == person_id)
    await FederatedAttempt.delete().where(FederatedAttempt.person == person_id)
