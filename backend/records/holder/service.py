"""The holder's own credential: made anew each time it is asked for, kept nowhere.

Two of them have no digest in common: what one shows cannot be looked for among what another hides.
"""

import secrets
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from backend.records import repository
from backend.records.domain import NoSuchRecord, RecordFacts
from backend.records.holder.domain import Particulars, drafted
from backend.records.keyring import Keyring, issuer_id
from backend.records.keys.signers import signer
from backend.records.signing import sign_holder
from backend.records.tables import CompletionRecord
from backend.records.verdict.canonical import digest
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault, place

__all__ = ["Keyring", "Particulars", "Signable", "signable", "signed"]


class Signable(msgspec.Struct, frozen=True, kw_only=True):
    """A record of this holder that is in the log, with what it froze of the person."""

    id: UUID
    number: str
    issued_at: datetime
    demonstration: bool
    address: str
    sha256: str
    name: str
    score: int


async def signable(vault: Vault, learner_id: UUID, record_id: UUID) -> Signable:
    """NoSuchRecord: another's, or not yet in the log."""
    async with UnitOfWork(DB):
        due = await repository.learners_due(learner_id, record_id)
        record = (await repository.records_of([due.id])).get(due.id)
        if record is None or not record.holder_sealed:
            raise NoSuchRecord
        if await repository.proof_of(record.entry_id) is None:
            raise NoSuchRecord
    sealed = place(CompletionRecord.holder_sealed, record.id)
    return Signable(
        id=record.id,
        number=record.number,
        issued_at=record.issued_at,
        demonstration=record.demonstration,
        address=record.kid.partition("/keys/")[0],
        sha256=digest(record.jws),
        name=vault.open(record.holder_sealed, sealed),
        score=msgspec.json.decode(record.facts, type=RecordFacts).score,
    )


async def signed(
    keyring: Keyring,
    record: Signable,
    particulars: Particulars,
    *,
    show: Collection[str],
    now: datetime,
) -> bytes:
    """Under the record's own issuer and address, by the key that signs now."""
    address, demonstration = record.address, record.demonstration
    by = await signer(keyring, "record", address, demonstration=demonstration, now=now)
    draft = drafted(
        particulars,
        issuer=issuer_id(address, demonstration=demonstration),
        record=f"urn:uuid:{record.id}",
        record_sha256=record.sha256,
        now=int(now.timestamp()),
        random=secrets.token_bytes,
    )
    return draft.compact(sign_holder(draft.claims, by.key, by.kid), show)
