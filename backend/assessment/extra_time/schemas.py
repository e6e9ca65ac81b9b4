from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta


class ExtraTimeRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """For attempts begun from now on, until another decision or `validUntil` (that day included,
    in Shanghai). Nought percent ends what was decided before."""

    percent: Annotated[int, Meta(ge=0, le=200)]
    reason: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]
    """Kept sealed: it may speak of somebody's health."""
    valid_until: date | None = None


class ExtraTimeView(msgspec.Struct, rename="camel"):
    id: UUID
    percent: int
    valid_until: date | None
    decided_at: datetime


class ExtraTimeList(msgspec.Struct, rename="camel"):
    items: list[ExtraTimeView]
    """Latest first; the first one stands."""
