"""Signed playback addresses: a native player sends no headers, so the address is the right."""

from datetime import datetime
from uuid import UUID

import jwt
import msgspec

from backend.lectures.domain import (
    LINK_LIFETIME,
    PlaybackLinkNotValid,
    Ticket,
    check_not_expired,
)
from infra.vault import Vault

_ALGORITHM = "HS256"
_OPTIONS: "jwt.types.Options" = {"verify_exp": False, "require": ["exp", "lec", "att", "ses"]}


def mint(
    vault: Vault, *, lecture_id: UUID, attempt_id: UUID, session_id: UUID, now: datetime
) -> str:
    expires = int((now + LINK_LIFETIME).timestamp())
    ticket = Ticket(lecture_id, attempt_id, session_id, expires)
    claims = msgspec.to_builtins(ticket)
    return jwt.encode(claims, _key(vault), algorithm=_ALGORITHM, headers={"typ": Ticket.TYPE})


def read(vault: Vault, token: str, *, now: datetime) -> Ticket:
    """PlaybackLinkNotValid, PlaybackLinkExpired. Time is the application's, not the machine's."""
    try:
        claims = jwt.decode(token, _key(vault), algorithms=[_ALGORITHM], options=_OPTIONS)
        ticket = msgspec.convert(claims, Ticket)
    except (jwt.InvalidTokenError, msgspec.ValidationError) as error:
        raise PlaybackLinkNotValid from error
    check_not_expired(ticket, now=now)
    return ticket


def _key(vault: Vault) -> bytes:
    """Its own key, derived: every API process that shares the vault's keys has the same."""
    return vault.index("key:playback-tickets:1\x00")
