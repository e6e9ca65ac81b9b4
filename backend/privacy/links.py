"""The short-lived address of an export: a browser's download sends no header, so the address is
the right. It is given to the person alone, for five minutes, and ends with the session."""

from datetime import datetime
from uuid import UUID

import jwt
import msgspec

from backend.privacy.domain import LINK_LIFETIME, ExportLinkNotValid
from infra.vault import Vault

_ALGORITHM = "HS256"
_OPTIONS: "jwt.types.Options" = {"verify_exp": False, "require": ["exp"]}


class Link(msgspec.Struct, frozen=True):
    exp: int
    export: UUID
    person: UUID
    session: UUID | None = None


def mint(
    vault: Vault, export_id: UUID, person_id: UUID, session_id: UUID | None, *, now: datetime
) -> str:
    link = Link(int((now + LINK_LIFETIME).timestamp()), export_id, person_id, session_id)
    return jwt.encode(msgspec.to_builtins(link), _key(vault), algorithm=_ALGORITHM)


def read(vault: Vault, token: str, *, now: datetime) -> Link:
    """ExportLinkNotValid."""
    try:
        claims = jwt.decode(token, _key(vault), algorithms=[_ALGORITHM], options=_OPTIONS)
        link = msgspec.convert(claims, Link)
    except (jwt.InvalidTokenError, msgspec.ValidationError) as error:
        raise ExportLinkNotValid from error
    if now.timestamp() >= link.exp:
        raise ExportLinkNotValid
    return link


def _key(vault: Vault) -> bytes:
    return vault.index("key:export-links:1\x00")
