"""What this area keeps of a person: told to the person, taken away, and forgotten when its time
is over (docs/decisions/0013)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from backend.records.holders import name_on
from backend.records.tables import CompletionRecord, DueRecord, RecordEvent
from infra.vault import Vault

EVIDENCE_KEPT = timedelta(days=6 * 366)
"""Six years at the least, whatever leap years there are (DOMAIN.md, rule 7)."""
FORGOTTEN = b""
"""What the sealed name of a holder is changed to; the table's guard lets nothing else through."""


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    rows = (
        await CompletionRecord.objects()
        .where(CompletionRecord.learner_id == person_id)
        .order_by(CompletionRecord.issued_at)
    )
    due = DueRecord
    waiting = await due.select(
        due.programme, due.edition, due.state, due.reason, due.requested_at.as_alias("requestedAt")
    ).where(due.learner_id == person_id, due.state != "issued")
    return {"records": [await _record(vault, row) for row in rows], "notYetIssued": waiting}


async def _record(vault: Vault, record: CompletionRecord) -> dict[str, Any]:
    event = RecordEvent
    return {
        "number": record.number,
        "code": record.code,
        "holder": name_on(record, vault),
        "programme": record.programme,
        "edition": record.edition,
        "issuedAt": record.issued_at,
        "validUntil": record.valid_until,
        "facts": msgspec.json.decode(record.facts),
        "evidence": msgspec.json.decode(record.evidence).get("earned"),
        "credential": bytes(record.jws).decode(),
        "history": await event.select(event.kind, event.at, event.reason)
        .where(event.record == record.id)
        .order_by(event.position),
    }


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """What is not a record yet goes; a record stays, provable by its random ids. Its sealed name
    is from now on stored only, never shown. Safe to repeat."""
    del now
    await DueRecord.delete().where(DueRecord.learner_id == person_id, DueRecord.state != "issued")


async def kept_until(person_id: UUID) -> datetime | None:
    """When the last of this person's evidence may go; None where no record was ever issued."""
    row = (
        await CompletionRecord.select(CompletionRecord.issued_at)
        .where(CompletionRecord.learner_id == person_id)
        .order_by(CompletionRecord.issued_at, ascending=False)
        .first()
    )
    return row["issued_at"] + EVIDENCE_KEPT if row else None


async def forget_holder(person_id: UUID) -> None:
    """The name in the person's records, for good. Records go on proving what they prove."""
    await CompletionRecord.update({CompletionRecord.holder_sealed: FORGOTTEN}).where(
        CompletionRecord.learner_id == person_id, CompletionRecord.holder_sealed != FORGOTTEN
    )
