"""Invitations: single use, 14 days. With a login named, nobody else can use the link."""

import hashlib
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.accounts.domain import Login
from backend.accounts.service import holder_of, proven_logins
from backend.organisations import repository as organisations
from backend.organisations.domain import (
    INVITATION_LASTS,
    OPEN_INVITATIONS,
    AlreadyMember,
    InvitationNotFound,
    JoinedBy,
    ManagerByLinkAlone,
    Organisation,
    Position,
    State,
    TooManyInvitations,
    masked_contact,
)
from backend.organisations.members import repository
from backend.organisations.members.service import refuse_foreign_department, refuse_stranger
from backend.organisations.profiles import managed
from backend.organisations.tables import Invitation
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.vault import Vault, place


class Invited(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An open invitation as its organisation's managers see it."""

    id: UUID
    contact: str | None = None
    """Masked; none for a link that anybody may use once."""
    position: Position
    department_id: UUID | None = None
    invited_at: datetime
    expires_at: datetime


class Offer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An open invitation as the invited person sees it."""

    id: UUID
    organisation_id: UUID
    organisation: str
    code: str
    confirmed: bool
    """False: no administrator has looked at this organisation yet."""
    position: Position
    expires_at: datetime


async def invite(
    vault: Vault,
    person_id: UUID,
    organisation_id: UUID,
    *,
    login: Login | None,
    position: Position,
    department: UUID | None,
    now: datetime,
) -> tuple[Invited, str]:
    """The invitation and its token, which is told this once."""
    if position is Position.MANAGER and login is None:
        raise ManagerByLinkAlone
    token = secrets.token_urlsafe(32)
    row = Invitation(
        id=uuid7(),
        organisation=organisation_id,
        department=department,
        position=position,
        token_sha256=_sha256(token),
        invited_by=person_id,
        invited_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    if login is not None:
        row.contact_sealed = vault.seal(login.value, place(Invitation.contact_sealed, row.id))
        row.contact_index = vault.index(login.indexed)
    async with UnitOfWork(DB):
        await managed(person_id, organisation_id)
        await refuse_foreign_department(organisation_id, department)
        await _refuse_too_many(organisation_id, now=now)
        await Invitation.insert(row)
        await record_act(
            "invitation-made",
            actor=person_id,
            subject=f"organisation:{organisation_id}",
            now=now,
            details={"invitation": str(row.id), "position": position, "bound": login is not None},
        )
    return _invited(vault, row), token


async def _refuse_too_many(organisation_id: UUID, *, now: datetime) -> None:
    open_ones = await Invitation.count().where(
        Invitation.organisation == organisation_id, *_open(now)
    )
    if open_ones >= OPEN_INVITATIONS:
        raise TooManyInvitations


async def open_ones(
    vault: Vault,
    person_id: UUID,
    organisation_id: UUID,
    *,
    after: UUID | None,
    limit: int,
    now: datetime,
) -> list[Invited]:
    await refuse_stranger(person_id, organisation_id)
    query = Invitation.objects().where(Invitation.organisation == organisation_id, *_open(now))
    if after is not None:
        query = query.where(Invitation.id > after)
    return [_invited(vault, row) for row in await query.order_by(Invitation.id).limit(limit)]


async def withdraw(
    person_id: UUID, organisation_id: UUID, invitation_id: UUID, *, now: datetime
) -> None:
    async with UnitOfWork(DB):
        await managed(person_id, organisation_id)
        gone = (
            await Invitation.update({Invitation.withdrawn_at: now})
            .where(
                Invitation.id == invitation_id,
                Invitation.organisation == organisation_id,
                Invitation.used_at.is_null(),
                Invitation.withdrawn_at.is_null(),
            )
            .returning(Invitation.id)
        )
        if not gone:
            raise InvitationNotFound


# --- the invited person -----------------------------------------------------------------------


async def offers(person_id: UUID, *, now: datetime) -> list[Offer]:
    """Those that name a login of this person: no link is needed to see and accept them."""
    logins = await proven_logins(person_id)
    if not logins:
        return []
    rows = (
        await Invitation.objects()
        .where(Invitation.contact_index.is_in([*logins]), *_open(now))
        .order_by(Invitation.id)
        .limit(50)
    )
    return await _offers(rows)


async def looked_at(person_id: UUID, token: str, *, now: datetime) -> Offer:
    """What a link offers, to somebody who could accept it."""
    row = await _found(person_id, Invitation.token_sha256 == _sha256(token), now=now)
    for offer in await _offers([row]):
        return offer
    raise InvitationNotFound


async def accept_link(vault: Vault, person_id: UUID, token: str, *, now: datetime) -> Organisation:
    return await _accept(vault, person_id, Invitation.token_sha256 == _sha256(token), now=now)


async def accept_offer(
    vault: Vault, person_id: UUID, invitation_id: UUID, *, now: datetime
) -> Organisation:
    """Without the link, so only one that names a login of this person."""
    where = (Invitation.id == invitation_id) & Invitation.contact_index.is_not_null()
    return await _accept(vault, person_id, where, now=now)


async def _accept(vault: Vault, person_id: UUID, where: Any, *, now: datetime) -> Organisation:
    name = (await holder_of(vault, person_id)).name
    async with UnitOfWork(DB):
        row = await _found(person_id, where, now=now, lock=True)
        organisation = await _inviting(row.organisation)
        member = repository.newcomer(
            vault, organisation.id, person_id, name, joined_by=JoinedBy.INVITATION, now=now
        )
        member.department = row.department
        if row.contact_sealed and row.contact_index:
            contact = vault.open(
                bytes(row.contact_sealed), place(Invitation.contact_sealed, row.id)
            )
            repository.with_contact(vault, member, contact, bytes(row.contact_index))
        if not await repository.add(member, position=Position(row.position)):
            raise AlreadyMember
        await Invitation.update({Invitation.used_at: now, Invitation.used_by: person_id}).where(
            Invitation.id == row.id
        )
        if row.position == Position.MANAGER:
            await _record_manager(person_id, row, now=now)
    return organisation


async def _inviting(organisation_id: UUID) -> Organisation:
    found = (await organisations.organisations_named({organisation_id})).get(organisation_id)
    if found is None:  # refused since
        raise InvitationNotFound
    return found


async def _record_manager(person_id: UUID, row: Invitation, *, now: datetime) -> None:
    await record_act(
        "manager-named",
        actor=row.invited_by,
        subject=f"person:{person_id}",
        now=now,
        details={"organisation": str(row.organisation), "invitation": str(row.id)},
    )


async def _found(person_id: UUID, where: Any, *, now: datetime, lock: bool = False) -> Invitation:
    """One answer for unknown, used, withdrawn, run out, and meant for somebody else."""
    query = Invitation.objects().where(where, *_open(now)).first()
    row = await (query.lock_rows("UPDATE") if lock else query)
    if row is None:
        raise InvitationNotFound
    bound_to = row.contact_index
    if bound_to is not None and bytes(bound_to) not in await proven_logins(person_id):
        raise InvitationNotFound
    return row


def _open(now: datetime) -> tuple[Any, ...]:
    return (
        Invitation.used_at.is_null(),
        Invitation.withdrawn_at.is_null(),
        Invitation.expires_at > now,
    )


async def _offers(rows: list[Invitation]) -> list[Offer]:
    named = await organisations.organisations_named({row.organisation for row in rows})
    return [_offer(row, named[row.organisation]) for row in rows if row.organisation in named]


def _offer(row: Invitation, organisation: Organisation) -> Offer:
    return Offer(
        id=row.id,
        organisation_id=organisation.id,
        organisation=organisation.name,
        code=organisation.code,
        confirmed=organisation.state is State.CONFIRMED,
        position=Position(row.position),
        expires_at=row.expires_at,
    )


def _invited(vault: Vault, row: Invitation) -> Invited:
    sealed = row.contact_sealed
    contact = vault.open(bytes(sealed), place(Invitation.contact_sealed, row.id)) if sealed else ""
    return Invited(
        id=row.id,
        contact=masked_contact(contact) if contact else None,
        position=Position(row.position),
        department_id=row.department,
        invited_at=row.invited_at,
        expires_at=row.expires_at,
    )


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
