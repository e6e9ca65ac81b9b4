"""What the ways to check (`backend.checking`) ask of records, besides a verdict."""

import hmac
import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import msgspec

from backend.accounts.privacy_facts import is_erased
from backend.records.domain import NoSuchRecord, typed_code
from backend.records.lookups import repository
from backend.records.lookups.bulk import Judged as Judged
from backend.records.lookups.bulk import verdicts as verdicts
from backend.records.tables import CompletionRecord
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault, place

_NOBODY = UUID(int=0)
_DECOY = "decoy"


class Standing(msgspec.Struct, frozen=True):
    """How things stand with somebody's best record of some programmes."""

    number: str
    valid_until: datetime | None
    in_force: bool

    def state(self, *, now: datetime, soon: timedelta) -> str:
        """withdrawn | expired | expiring (within `soon`) | current"""
        if not self.in_force:
            return "withdrawn"
        if self.valid_until is None:
            return "current"
        if self.valid_until <= now:
            return "expired"
        return "expiring" if self.valid_until <= now + soon else "current"


async def standings(people: Collection[UUID], programmes: Collection[str]) -> dict[UUID, Standing]:
    """Of those who ever had a real record of one of them. In the caller's unit of work."""
    rows = await repository.standings(people, programmes) if people else []
    return {r.learner_id: Standing(r.number, r.valid_until, r.in_force) for r in rows}


async def holder_is(vault: Vault, number: str, name: str) -> bool:
    """Whether the record of this number, once it is in the log, names this very holder.

    About the same work whether there is such a record or not: the same statements, one field
    opened, one comparison.
    """
    async with UnitOfWork(DB):
        row = await repository.holder_row(_number(number))
        erased = await is_erased(row.learner_id if row else _NOBODY)
    decoy = vault.seal(name, _DECOY)
    known = row is not None and bool(row.holder_sealed) and not erased
    if row is not None and known:
        held = vault.open(row.holder_sealed, place(CompletionRecord.holder_sealed, row.id))
    else:
        held = vault.open(decoy, _DECOY)
    return hmac.compare_digest(_print(held), _print(name)) and known


def _number(typed: str) -> str:
    try:
        return typed_code(typed)
    except NoSuchRecord:
        return ""  # looked for all the same: nobody shall tell by the time what there is


def _print(name: str) -> bytes:
    return sha256(_folded(name).casefold().encode()).digest()


def _folded(text: str) -> str:
    """Without spaces, and full-width letters as narrow ones: people type from paper."""
    return "".join(unicodedata.normalize("NFKC", text).split())
