"""Holders as a record sees them at one moment."""

from datetime import datetime

from backend.accounts.domain import Holder as Known
from backend.records.domain import Holder


def holder_at(known: Known | None, now: datetime) -> Holder:
    """Somebody who is not known here, or whose identity has expired by then, has none verified."""
    return Holder(
        name=known.name if known else "",
        identity_verified=known is not None and known.verified_at(now),
        identity_method=known.identity_method if known else None,
    )
