"""What a holder lets others know of himself beside a record. One `UnitOfWork` each."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from backend.certification_bodies import service as bodies
from backend.disclosures.schemas import FIELDS
from backend.identity import service as identity
from backend.organisations import service as organisations
from backend.records.holder import service as holder
from backend.records.holder.service import Keyring, Particulars, Signable
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault


async def credential(
    vault: Vault,
    keyring: Keyring,
    learner_id: UUID,
    record_id: UUID,
    *,
    show: Collection[str],
    now: datetime,
) -> tuple[str, bytes]:
    """File name and SD-JWT. NoSuchRecord."""
    record = await holder.signable(vault, learner_id, record_id)
    async with UnitOfWork(DB):
        known = await particulars(vault, learner_id, record)
    content = await holder.signed(keyring, record, known, show=show, now=now)
    return f"{record.number}.sd-jwt", content


async def known_fields(vault: Vault, learner_id: UUID, record_id: UUID) -> list[str]:
    """Those of `FIELDS` that can be disclosed today. NoSuchRecord."""
    record = await holder.signable(vault, learner_id, record_id)
    async with UnitOfWork(DB):
        known = await particulars(vault, learner_id, record)
    return [name for name in FIELDS if getattr(known, name) is not None]


async def particulars(vault: Vault, person_id: UUID, record: Signable) -> Particulars:
    """As far as they are known here. In the caller's unit of work."""
    return Particulars(
        name=record.name,
        score=record.score,
        id_document=await identity.document_verified_at(vault, person_id, record.issued_at),
        employer=await _employer(person_id, record.issued_at),
        registration_number=await bodies.registration_number_of(vault, person_id, name=record.name),
    )


async def _employer(person_id: UUID, on: datetime) -> dict[str, str] | None:
    """Where the holder was on the day the record was issued; of several the one joined last."""
    stays = [
        stay
        for stay in await organisations.stays_of(person_id)
        if stay.since <= on and (stay.until is None or stay.until > on)
    ]
    if not stays:
        return None
    last = max(stays, key=lambda stay: stay.since)
    found = await organisations.organisation(last.organisation_id)
    return {"name": found.name, "code": found.code}
