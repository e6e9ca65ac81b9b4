"""Telling somebody that they are invited: by the port that sends codes, from the same queue.

Whether the address or number has an account is not looked up: each costs the same statements and
one message. Only organisations that an administrator confirmed send any, because anybody can
declare one under any name.
"""

import base64
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.accounts.domain import Login, typed_login
from backend.accounts.service import Messages, Text, carrier
from backend.organisations import repository as organisations
from backend.organisations.domain import Organisation, State
from backend.organisations.tables import Invitation
from infra.instance import public_url
from infra.queue import enqueue
from infra.vault import Vault, place

SEND_INVITATION = "send_invitation"
MESSAGES_A_DAY = 3
"""To one address from one organisation: inviting and withdrawing again sends no flood."""
_DAY = timedelta(days=1)
_SHANGHAI = ZoneInfo("Asia/Shanghai")


def token_of(vault: Vault, invitation_id: UUID) -> str:
    """A function of its id under our key: nothing has to keep it until it is sent."""
    return (
        base64.urlsafe_b64encode(vault.index(f"invitation\0{invitation_id}")).decode().rstrip("=")
    )


async def send(
    row: Invitation, login: Login | None, organisation: Organisation, messages: Messages | None
) -> bool:
    """In the unit of work that made the invitation. False: the manager passes the link on."""
    if login is None or carrier(messages, login.kind) is None:
        return False
    if organisation.state is not State.CONFIRMED or await _told_often(row):
        return False
    await enqueue(SEND_INVITATION, {"invitation_id": str(row.id)})
    return True


async def _told_often(row: Invitation) -> bool:
    told: int = await Invitation.count().where(
        Invitation.contact_index == row.contact_index,
        Invitation.organisation == row.organisation,
        Invitation.invited_at > row.invited_at - _DAY,
    )
    return told > MESSAGES_A_DAY


async def deliver(
    vault: Vault, messages: Messages | None, invitation_id: UUID, *, now: datetime
) -> None:
    """The job: nothing is sent of an invitation that is over."""
    row = await Invitation.objects().where(Invitation.id == invitation_id, *still_open(now)).first()
    if messages is None or row is None or row.contact_sealed is None:
        return
    organisation = await organisations.organisation_of(row.organisation)
    if organisation is None or organisation.state is not State.CONFIRMED:
        return
    to = vault.open(bytes(row.contact_sealed), place(Invitation.contact_sealed, row.id))
    link = f"{await public_url()}/invitations/{token_of(vault, row.id)}"
    await messages.send(typed_login(to), invitation_text(organisation.name, row.expires_at, link))


def still_open(now: datetime) -> tuple[Any, ...]:
    return (
        Invitation.used_at.is_null(),
        Invitation.withdrawn_at.is_null(),
        Invitation.declined_at.is_null(),
        Invitation.expires_at > now,
    )


def invitation_text(organisation: str, until: datetime, link: str) -> Text:
    last = until.astimezone(_SHANGHAI).date()
    return Text(
        "invitation",
        f"【贯标】{organisation}邀请您加入其知识产权培训，{last.month}月{last.day}日前有效。"
        "如不认识该单位，不必理会。",
        f"Guanbiao: {organisation} invites you to its training; until {last}. If you do not know"
        " it, do nothing.",
        link=link,
    )
