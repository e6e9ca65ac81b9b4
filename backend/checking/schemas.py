"""The area's JSON."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

_LINE = r"^[^\x00-\x1f\x7f\ud800-\udfff]+$"
TypedNumber = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=_LINE)]
TypedName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=_LINE)]


class Input(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Base of what is sent."""


class Out(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of answers."""


class HolderQuestion(Input, frozen=True):
    number: TypedNumber
    name: TypedName


class HolderAnswer(Out, frozen=True):
    matches: bool
    """False, too, where there is no such number: this address does not tell which there are."""


class RosterState(StrEnum):
    CURRENT = "current"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    NONE = "none"


class RosterEntry(Out, frozen=True):
    """An auditor whom the body employs today, masked, and the training record behind."""

    id: UUID
    name: str
    registration_number: str
    grade: str | None
    employed_since: date
    state: RosterState
    number: str | None
    valid_until: datetime | None


class Roster(Out, frozen=True):
    items: list[RosterEntry]
    next_cursor: UUID | None
