"""The append-only history of a record, and the decisions that add to it."""

import secrets
from datetime import datetime
from uuid import UUID

from backend.records import log, status
from backend.records.domain import State, state_of
from backend.records.keyring import Keyring
from backend.records.tables import CompletionRecord, RecordEvent, StatusList
from backend.records.verdict.canonical import canonical, digest
from backend.records.verdict.leaf import Kind, RecordRef, timestamp
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7

_PURPOSE = {
    "suspended": "suspension",
    "reinstated": "suspension",
    "revoked": "revocation",
    "superseded": "refresh",
}


async def add_event(
    record_id: UUID,
    kind: str,
    *,
    at: datetime,
    document: bytes,
    entry_id: UUID,
    reason: str | None = None,
    proposer_id: UUID | None = None,
    approver_id: UUID | None = None,
) -> None:
    event = RecordEvent(
        id=uuid7(),
        record=record_id,
        kind=kind,
        at=at,
        reason=reason,
        proposer_id=proposer_id,
        approver_id=approver_id,
        document=document,
        entry_id=entry_id,
    )
    await RecordEvent.insert(event)


async def history(record_id: UUID) -> list[RecordEvent]:
    """Oldest first."""
    return (
        await RecordEvent.objects()
        .where(RecordEvent.record == record_id)
        .order_by(RecordEvent.position)
    )


async def states(record_ids: list[UUID]) -> dict[UUID, State]:
    """Of many records, with one query."""
    if not record_ids:
        return {}
    rows = (
        await RecordEvent.select(RecordEvent.record, RecordEvent.kind)
        .where(RecordEvent.record.is_in(record_ids))
        .order_by(RecordEvent.position)
    )
    kinds: dict[UUID, list[str]] = {}
    for row in rows:
        kinds.setdefault(row["record"], []).append(row["kind"])
    return {record_id: state_of(found) for record_id, found in kinds.items()}


async def decide(
    keyring: Keyring,
    record: CompletionRecord,
    kind: str,
    *,
    at: datetime,
    reason: str,
    proposer_id: UUID | None = None,
    approver_id: UUID | None = None,
) -> None:
    """Event, its leaf, and the list signed anew: one transaction, so they never disagree."""
    async with UnitOfWork(DB):
        await status.lock(record.status_list)
        home = await StatusList.objects().get(StatusList.number == record.status_list)
        assert home is not None
        document = _document(record, kind, at, reason)
        entry_id = await _log_decision(keyring, record, home, kind, at, document)
        await add_event(
            record.id,
            kind,
            at=at,
            document=document,
            entry_id=entry_id,
            reason=reason,
            proposer_id=proposer_id,
            approver_id=approver_id,
        )
        await status.publish(keyring, home, _PURPOSE[kind], at)


def _document(record: CompletionRecord, kind: str, at: datetime, reason: str) -> bytes:
    """What the leaf's hash stands for. The salt keeps the reason from being guessed."""
    return canonical(
        {
            "v": 1,
            "record": f"urn:uuid:{record.id}",
            "event": kind,
            "at": timestamp(at),
            "reason": reason,
            "salt": secrets.token_hex(16),
        }
    )


async def _log_decision(
    keyring: Keyring,
    record: CompletionRecord,
    home: StatusList,
    kind: str,
    at: datetime,
    document: bytes,
) -> UUID:
    by = await status.signer_of(keyring, home, at)
    ref = RecordRef(f"urn:uuid:{record.id}", record.status_list, record.status_index)
    return await log.append(
        Kind(f"record.{kind}"),
        at=at,
        kid=by.kid,
        sha256=digest(document),
        ref=ref.text,
    )
