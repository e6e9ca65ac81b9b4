"""A person's open sessions: which devices are signed in, and ending them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from backend.accounts.factors.errors import NoSuchSession
from backend.accounts.tables import SignInSession
from infra.database import UnitOfWork
from infra.engine import DB


class OpenSession(msgspec.Struct, frozen=True):
    id: UUID
    device: str | None
    method: Literal["password", "code", "passkey", "oidc"]
    started_at: datetime
    last_used_at: datetime | None
    expires_at: datetime
    second_factor_at: datetime | None


async def open_sessions(
    person_id: UUID, *, before: UUID | None, limit: int, now: datetime
) -> list[OpenSession]:
    """The newest first: ids grow with time."""
    query = SignInSession.select().where(
        SignInSession.person == person_id,
        SignInSession.revoked_at.is_null(),
        SignInSession.expires_at > now,
    )
    if before is not None:
        query = query.where(SignInSession.id < before)
    rows = await query.order_by(SignInSession.id, ascending=False).limit(limit)
    return [msgspec.convert(row, OpenSession) for row in rows]


async def end(session_id: UUID, person_id: UUID, *, current: bool, now: datetime) -> None:
    async with UnitOfWork(DB):
        ended = (
            await SignInSession.update(
                {
                    SignInSession.revoked_at: now,
                    SignInSession.revoked_because: "sign-out" if current else "elsewhere",
                }
            )
            .where(
                SignInSession.id == session_id,
                SignInSession.person == person_id,
                SignInSession.revoked_at.is_null(),
            )
            .returning(SignInSession.id)
        )
        if not ended:
            raise NoSuchSession


async def end_others(session_id: UUID, person_id: UUID, *, now: datetime) -> list[UUID]:
    """The ids of those that ended."""
    async with UnitOfWork(DB):
        ended = (
            await SignInSession.update(
                {SignInSession.revoked_at: now, SignInSession.revoked_because: "elsewhere"}
            )
            .where(
                SignInSession.person == person_id,
                SignInSession.id != session_id,
                SignInSession.revoked_at.is_null(),
            )
            .returning(SignInSession.id)
        )
    return [row["id"] for row in ended]
