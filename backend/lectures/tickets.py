"""Signed addresses: a native player sends no headers, so the address is the right.

Each kind is signed under a key of its own, so that none passes for another.
"""

from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import jwt
import msgspec

from backend.lectures.domain import (
    LINK_LIFETIME,
    PlaybackLinkNotValid,
    Ticket,
    Viewer,
    check_not_expired,
    package_ids,
)
from infra.vault import Vault
from media_pipeline.domain import LectureFacts

PLAY, DOWNLOAD, VIEWER = "play", "download", "viewer"
_ALGORITHM = "HS256"
_OPTIONS: "jwt.types.Options" = {"verify_exp": False, "require": ["exp"]}
T = TypeVar("T", Ticket, Viewer)


def mint(vault: Vault, kind: str, given: Ticket | Viewer) -> str:
    claims = {
        name: value for name, value in msgspec.to_builtins(given).items() if value is not None
    }
    return jwt.encode(claims, _key(vault, kind), algorithm=_ALGORITHM, headers={"typ": kind})


def read(vault: Vault, kind: str, token: str, *, now: datetime) -> Ticket:
    """PlaybackLinkNotValid, PlaybackLinkExpired. Time is the application's, not the machine's."""
    return _read(vault, kind, token, Ticket, now=now)


def mint_viewer(vault: Vault, person_id: UUID, session_id: UUID | None, *, now: datetime) -> str:
    return mint(vault, VIEWER, Viewer(person_id, session_id, expiry(now, LINK_LIFETIME)))


def read_viewer(vault: Vault, token: str, *, now: datetime) -> Viewer:
    return _read(vault, VIEWER, token, Viewer, now=now)


def ticket_for(lecture: LectureFacts, person_id: UUID, *, until: int) -> Ticket:
    """For a playable lecture."""
    assert lecture.package_prefix is not None
    assert lecture.manifest is not None
    package_of, attempt_id = package_ids(lecture.package_prefix)
    return Ticket(
        lec=lecture.id,
        pkg=package_of,
        att=attempt_id,
        prs=person_id,
        sec=lecture.manifest.duration,
        exp=until,
    )


def expiry(now: datetime, lifetime: timedelta) -> int:
    return int((now + lifetime).timestamp())


def _read(vault: Vault, kind: str, token: str, shape: type[T], *, now: datetime) -> T:
    try:
        claims = jwt.decode(token, _key(vault, kind), algorithms=[_ALGORITHM], options=_OPTIONS)
        found = msgspec.convert(claims, shape)
    except (jwt.InvalidTokenError, msgspec.ValidationError) as error:
        raise PlaybackLinkNotValid from error
    check_not_expired(found, now=now)
    return found


def _key(vault: Vault, kind: str) -> bytes:
    """Derived: every API process that shares the vault's keys has the same."""
    return vault.index(f"key:{kind}-tickets:2\x00")
