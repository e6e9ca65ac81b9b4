"""Holders as a record sees them at one moment."""

from datetime import datetime

from backend.accounts.domain import Holder as Known
from backend.records.domain import Holder
from backend.records.tables import CompletionRecord
from infra.vault import Vault, place


def holder_at(known: Known | None, now: datetime) -> Holder:
    """Somebody who is not known here, or whose identity has expired by then, has none verified."""
    return Holder(
        name=known.name if known else "",
        identity_verified=known is not None and known.verified_at(now),
        identity_method=known.identity_method if known else None,
    )


def name_on(record: CompletionRecord, vault: Vault) -> str | None:
    """In full; None once the time is over for which it is kept."""
    if not record.holder_sealed:
        return None
    return vault.open(record.holder_sealed, place(CompletionRecord.holder_sealed, record.id))
