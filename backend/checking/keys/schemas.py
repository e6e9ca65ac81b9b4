"""Certifiers' keys and rosters as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.checking.keys.domain import MOST_DAYS, Scope
from backend.checking.schemas import Input, Out

_LINE = r"^[^\s\x00-\x1f\x7f\ud800-\udfff]+( [^\s\x00-\x1f\x7f\ud800-\udfff]+)*$"


class NewCertifierKey(Input, frozen=True):
    label: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=_LINE)]
    """What it is for, in the body's own words; names no person."""
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=len(Scope))]
    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] = 180


class CertifierKeyView(Out, frozen=True):
    id: UUID
    label: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class MadeCertifierKey(CertifierKeyView, frozen=True):
    key: str
    """Shown this once; only its hash is kept."""


class CertifierKeys(Out, frozen=True):
    items: list[CertifierKeyView]
    """The newest 100."""
