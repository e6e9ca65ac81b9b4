"""What the link of an invitation shows to whoever holds it, signed in or not.

The token is the proof: it went to the invited person alone. So it may be told what has become of
the invitation, which somebody without it never hears.
"""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from backend.organisations import repository as organisations
from backend.organisations.domain import (
    InvitationNotFound,
    Position,
    State,
    masked_contact,
)
from backend.organisations.members import repository
from backend.organisations.members.invitations import sha256
from backend.organisations.members.sending import still_open
from backend.organisations.tables import Invitation
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.vault import Vault, place


class Stage(StrEnum):
    OPEN = "open"
    USED = "used"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Link(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An invitation as its link shows it."""

    stage: Stage
    organisation: str
    code: str
    confirmed: bool
    """False: no administrator has looked at this organisation yet."""
    department: str | None = None
    position: Position
    contact: str | None = None
    """Masked: only its owner can accept. None: whoever has the link, once."""
    expires_at: datetime


async def behind(vault: Vault, token: str, *, now: datetime) -> Link:
    """InvitationNotFound."""
    row = await Invitation.objects().where(Invitation.token_sha256 == sha256(token)).first()
    if row is None:
        raise InvitationNotFound
    organisation = await organisations.organisation_of(row.organisation)
    if organisation is None:
        raise InvitationNotFound
    stage = stage_of(row, now=now)
    if stage is Stage.OPEN and organisation.state is State.REFUSED:
        stage = Stage.WITHDRAWN
    return Link(
        stage=stage,
        organisation=organisation.name,
        code=organisation.code,
        confirmed=organisation.state is State.CONFIRMED,
        department=await _department(row),
        position=Position(row.position),
        contact=_contact(vault, row),
        expires_at=row.expires_at,
    )


def stage_of(row: Invitation, *, now: datetime) -> Stage:
    if row.used_at:
        return Stage.USED
    if row.declined_at:
        return Stage.DECLINED
    if row.withdrawn_at:
        return Stage.WITHDRAWN
    return Stage.EXPIRED if row.expires_at <= now else Stage.OPEN


async def decline(token: str, *, now: datetime) -> None:
    """Nobody has to sign up to say no. InvitationNotFound."""
    async with UnitOfWork(DB):
        ended = (
            await Invitation.update({Invitation.declined_at: now})
            .where(Invitation.token_sha256 == sha256(token), *still_open(now))
            .returning(Invitation.id)
        )
    if not ended:
        raise InvitationNotFound


async def forget_over(*, now: datetime) -> int:
    """Whom an invitation named is nobody's business a day after it is over."""
    async with UnitOfWork(DB):
        ended: str = await connection().execute(
            "UPDATE invitation SET contact_sealed = NULL, contact_index = NULL"
            " WHERE contact_index IS NOT NULL"
            " AND coalesce(used_at, withdrawn_at, declined_at, expires_at) < $1",
            now - timedelta(days=1),
        )
    return int(ended.rpartition(" ")[2])


async def _department(row: Invitation) -> str | None:
    if not row.department:
        return None
    found = await repository.department(row.organisation, row.department)
    return found.name if found else None


def _contact(vault: Vault, row: Invitation) -> str | None:
    if not row.contact_sealed:
        return None
    return masked_contact(
        vault.open(bytes(row.contact_sealed), place(Invitation.contact_sealed, row.id))
    )
