"""Rows of records that are made together. Inside an open `UnitOfWork`."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backend.records import log
from backend.records.preparing import Draft
from backend.records.tables import CompletionRecord
from backend.records.verdict.canonical import digest
from backend.records.verdict.leaf import Kind, Leaf, RecordRef, timestamp
from infra.database import connection
from infra.ids import uuid7
from infra.vault import Vault, place

_TYPES = {
    "id": "uuid",
    "due": "uuid",
    "learner_id": "uuid",
    "number": "text",
    "code": "text",
    "programme": "text",
    "edition": "text",
    "revision": "smallint",
    "demonstration": "boolean",
    "facts": "bytea",
    "holder_sealed": "bytea",
    "identity_method": "text",
    "evidence_sha256": "text",
    "evidence": "bytea",
    "jws": "bytea",
    "kid": "text",
    "status_list": "integer",
    "status_index": "integer",
    "entry_id": "uuid",
    "issued_at": "timestamptz",
    "valid_until": "timestamptz",
}
"""Of a completion record's columns."""
_ARRAYS = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(_TYPES.values(), start=1))
_RECORDS = f"""
INSERT INTO completion_record ({", ".join(_TYPES)}) SELECT * FROM unnest({_ARRAYS})
ON CONFLICT DO NOTHING RETURNING due
"""
_EVENTS = """
INSERT INTO record_event (id, record, kind, at, document, entry_id)
SELECT i, r, 'issued', a, d, e
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bytea[], $5::uuid[])
    AS t(i, r, a, d, e)
"""
_DONE = "UPDATE due_record SET state = 'issued', reason = NULL WHERE id = ANY($1::uuid[])"


async def insert(drafts: Sequence[Draft], vault: Vault) -> list[Draft]:
    """Those whose record is made now: of the others one is there, or a number was taken."""
    entries = {draft.due_id: uuid7() for draft in drafts}
    rows = [_row(draft, entries[draft.due_id], vault) for draft in drafts]
    columns = [[row[name] for row in rows] for name in _TYPES]
    there = {row["due"] for row in await connection().fetch(_RECORDS, *columns)}
    made = [draft for draft in drafts if draft.due_id in there]
    if made:
        await log.append_all({entries[draft.due_id]: _leaf(draft) for draft in made})
        await connection().execute(_EVENTS, *_events(made, entries))
        await connection().execute(_DONE, [draft.due_id for draft in made])
    return made


def _events(made: Sequence[Draft], entries: dict[UUID, UUID]) -> list[list[Any]]:
    return [
        [uuid7() for _ in made],
        [draft.identity.record_id for draft in made],
        [draft.issued_at for draft in made],
        [draft.jws for draft in made],
        [entries[draft.due_id] for draft in made],
    ]


def _leaf(draft: Draft) -> Leaf:
    identity = draft.identity
    record = f"urn:uuid:{identity.record_id}"
    return Leaf(
        type=Kind.ISSUED,
        ts=timestamp(draft.issued_at),
        kid=draft.kid,
        sha256=digest(draft.jws),
        ref=RecordRef(record, identity.status_list, identity.status_index).text,
    )


def _row(draft: Draft, entry_id: UUID, vault: Vault) -> dict[str, Any]:
    facts, identity = draft.facts, draft.identity
    at = place(CompletionRecord.holder_sealed, identity.record_id)
    return {
        "id": identity.record_id,
        "due": draft.due_id,
        "learner_id": facts.learner_id,
        "number": identity.number,
        "code": identity.code,
        "programme": facts.programme_code,
        "edition": facts.edition,
        "revision": facts.revision,
        "demonstration": facts.demonstration,
        "facts": draft.frozen_facts,
        "holder_sealed": vault.seal(draft.holder.name, at),
        "identity_method": draft.holder.identity_method or "",
        "evidence_sha256": digest(draft.manifest),
        "evidence": draft.manifest,
        "jws": draft.jws,
        "kid": draft.kid,
        "status_list": identity.status_list,
        "status_index": identity.status_index,
        "entry_id": entry_id,
        "issued_at": draft.issued_at,
        "valid_until": facts.valid_until,
    }
