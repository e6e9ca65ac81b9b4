"""Invitations: single use, 14 days. With a login named, nobody else can use the link."""

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from backend.accounts.domain import Login
from backend.accounts.service import Messages, holder_of, proven_logins
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
from backend.organisations.members import repository, sending
from backend.organisations.members.sending import still_open
from backend.organisations.members.service import refuse_foreign_department, refuse_stranger
from backend.organisations.profiles import managed
from backend.organisations.tables import Invitation, Membership
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


class Made(msgspec.Struct, frozen=True):
    """A new invitation and its token, which is told this once."""

    invitation: Invited
    token: str
    sent: bool
    """False: no message goes out, so whoever invites passes the link on."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    login: Login | None
    position: Position
    department: UUID | None = None


async def invite(
    vault: Vault,
    messages: Messages | None,
    person_id: UUID,
    organisation_id: UUID,
    wanted: Wanted,
    *,
    now: datetime,
) -> Made:
    """ManagerByLinkAlone, DepartmentNotFound, TooManyInvitations."""
    if wanted.position is Position.MANAGER and wanted.login is None:
        raise ManagerByLinkAlone
    async with UnitOfWork(DB):
        organisation = await managed(person_id, organisation_id)
        await refuse_foreign_department(organisation_id, wanted.department)
        await _refuse_too_many(organisation_id, now=now)
        row, sent = await make(vault, messages, organisation, wanted, by=person_id, now=now)
    return made(vault, row, sent=sent)


async def make(
    vault: Vault,
    messages: Messages | None,
    organisation: Organisation,
    wanted: Wanted,
    *,
    by: UUID,
    now: datetime,
) -> tuple[Invitation, bool]:
    """In the unit of work of whoever has looked at who asks. The row, and whether it is sent."""
    row_id, login = uuid7(), wanted.login
    token = sending.token_of(vault, row_id)
    row = Invitation(
        id=row_id,
        organisation=organisation.id,
        department=wanted.department,
        position=wanted.position,
        token_sha256=sha256(token),
        invited_by=by,
        invited_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    if login is not None:
        row.contact_sealed = vault.seal(login.value, place(Invitation.contact_sealed, row_id))
        row.contact_index = vault.index(login.indexed)
    await Invitation.insert(row)
    bound = login is not None
    await record_act(
        "invitation-made",
        actor=by,
        subject=f"organisation:{organisation.id}",
        now=now,
        details={"invitation": str(row_id), "position": wanted.position, "bound": bound},
    )
    return row, await sending.send(row, login, organisation, messages)


def made(vault: Vault, row: Invitation, *, sent: bool) -> Made:
    return Made(_invited(vault, row), sending.token_of(vault, row.id), sent)


async def _refuse_too_many(organisation_id: UUID, *, now: datetime) -> None:
    """Open ones, and those of a day: whoever withdraws what they made may not make them anew."""
    row = Invitation
    recent = row.invited_at > now - timedelta(days=1)
    unused = row.used_at.is_null() & row.withdrawn_at.is_null() & row.declined_at.is_null()
    recently = await row.count().where(
        row.organisation == organisation_id, recent | (unused & (row.expires_at > now))
    )
    if recently >= OPEN_INVITATIONS:
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
    query = Invitation.objects().where(Invitation.organisation == organisation_id, *still_open(now))
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
                Invitation.declined_at.is_null(),
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
        .where(Invitation.contact_index.is_in([*logins]), *still_open(now))
        .order_by(Invitation.id)
        .limit(50)
    )
    return await _offers(rows)


async def looked_at(person_id: UUID, token: str, *, now: datetime) -> Offer:
    """What a link offers, to somebody who could accept it."""
    row = await _found(person_id, Invitation.token_sha256 == sha256(token), now=now)
    for offer in await _offers([row]):
        return offer
    raise InvitationNotFound


async def accept_link(vault: Vault, person_id: UUID, token: str, *, now: datetime) -> Organisation:
    return await _accept(vault, person_id, Invitation.token_sha256 == sha256(token), now=now)


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
        if row.department and await repository.department(organisation.id, row.department):
            member.department = row.department  # else it was closed meanwhile
        if row.contact_sealed and row.contact_index:
            contact = vault.open(
                bytes(row.contact_sealed), place(Invitation.contact_sealed, row.id)
            )
            repository.with_contact(vault, member, contact, bytes(row.contact_index))
        position = Position(row.position)
        if not await repository.add(member, position=position):
            await _promote(organisation.id, person_id, position)
        await Invitation.update({Invitation.used_at: now, Invitation.used_by: person_id}).where(
            Invitation.id == row.id
        )
        if position is Position.MANAGER:
            await _record_manager(person_id, row, now=now)
    return organisation


async def _promote(organisation_id: UUID, person_id: UUID, position: Position) -> None:
    """Who is a member already can still become a manager. AlreadyMember."""
    member = await repository.of_person(organisation_id, person_id)
    if member is None or member.position is position or position is Position.MEMBER:
        raise AlreadyMember
    await repository.change(member.id, {Membership.position: position})


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
    query = Invitation.objects().where(where, *still_open(now)).first()
    row = await (query.lock_rows("UPDATE") if lock else query)
    if row is None:
        raise InvitationNotFound
    bound_to = row.contact_index
    if bound_to is not None and bytes(bound_to) not in await proven_logins(person_id):
        raise InvitationNotFound
    return row


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


def sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
