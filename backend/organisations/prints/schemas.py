"""Files of printed records as JSON."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.organisations.prints.domain import State
from backend.records.printing.domain import Language


class PrintsWish(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    assignment_id: UUID
    language: Language = "zh"


class PrintsView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    id: UUID
    assignment_id: UUID
    language: Language
    state: State
    people: int
    """Who are done with the assignment."""
    printed: int
    """Of them, whose record is printed so far. Who waits for a record, or has none in force, has
    none in the file."""
    size: int | None
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None


class PrintsList(msgspec.Struct, frozen=True, rename="camel"):
    items: list[PrintsView]
    """Newest first."""
