"""The append-only history of a record, and the decisions that add to it."""

import secrets
from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.records import log, status
from backend.records.domain import State, state_of
from backend.records.keyring import Keyring
from backend.records.tables import CompletionRecord, RecordEvent, StatusList
from backend.records.told import tell_holder
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
    review_by: date | None = None,
) -> UUID:
    event = RecordEvent(
        id=uuid7(),
        record=record_id,
        kind=kind,
        at=at,
        reason=reason,
        proposer_id=proposer_id,
        approver_id=approver_id,
        review_by=review_by,
        document=document,
        entry_id=entry_id,
    )
    await RecordEvent.insert(event)
    return event.id


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


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about a record last."""

    state: State
    at: datetime
    reason: str | None
    review_by: date | None


async def standings(record_ids: list[UUID]) -> dict[UUID, Standing]:
    """Of those about which anything was decided since their issue; one query."""
    if not record_ids:
        return {}
    event = RecordEvent
    rows = (
        await event.select(event.record, event.kind, event.at, event.reason, event.review_by)
        .where(event.record.is_in(record_ids), event.kind != "issued")
        .order_by(event.position)
    )
    return {
        row["record"]: Standing(
            state=state_of([row["kind"]]),
            at=row["at"],
            reason=row["reason"],
            review_by=row["review_by"],
        )
        for row in rows
    }


async def decide(
    keyring: Keyring,
    record: CompletionRecord,
    kind: str,
    *,
    at: datetime,
    reason: str,
    proposer_id: UUID | None = None,
    approver_id: UUID | None = None,
    review_by: date | None = None,
) -> None:
    """Event, its leaf, the list signed anew, and word to the holder: one transaction, so they
    never disagree."""
    async with UnitOfWork(DB):
        await status.lock(record.status_list)
        home = await StatusList.objects().get(StatusList.number == record.status_list)
        assert home is not None
        document = _document(record, kind, at, reason, review_by)
        entry_id = await _log_decision(keyring, record, home, kind, at, document)
        event_id = await add_event(
            record.id,
            kind,
            at=at,
            document=document,
            entry_id=entry_id,
            reason=reason,
            proposer_id=proposer_id,
            approver_id=approver_id,
            review_by=review_by,
        )
        await tell_holder(record, kind, event_id, now=at)
        await status.publish(keyring, home, _PURPOSE[kind], at)


def _document(
    record: CompletionRecord, kind: str, at: datetime, reason: str, review_by: date | None
) -> bytes:
    """What the leaf's hash stands for. The salt keeps the reason from being guessed."""
    return canonical(
        {
            "v": 1,
            "record": f"urn:uuid:{record.id}",
            "event": kind,
            "at": timestamp(at),
            "reason": reason,
            **({"reviewBy": review_by.isoformat()} if review_by else {}),
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
