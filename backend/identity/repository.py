"""Rows of declarations, their history, cases and reveals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from piccolo.columns import Column
from piccolo.columns.combination import Where

from backend.identity.documents import Document, DocumentKind
from backend.identity.domain import HOLDING, OPEN, Claimed, Decision, State
from backend.identity.tables import (
    IdentityCase,
    IdentityDeclaration,
    IdentityEvent,
    IdentityReveal,
)
from infra.database import connection
from infra.ids import uuid7
from infra.vault import Vault, place

Row = IdentityDeclaration
_PERSON_LOCK = 0x69640001


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """A row as it is kept: still sealed."""

    id: UUID
    person: UUID
    organisation: UUID | None
    kind: DocumentKind
    name_sealed: bytes
    document_sealed: bytes
    number_index: bytes
    state: State
    method: str | None
    declared_at: datetime
    attested_by: UUID | None
    attested_at: datetime | None
    mismatches: int
    verified_at: datetime | None
    valid_until: datetime | None

    def opened(self, vault: Vault) -> Claimed:
        name = vault.open(self.name_sealed, place(Row.name_sealed, self.id))
        document = vault.open(self.document_sealed, place(Row.document_sealed, self.id))
        return Claimed(name, msgspec.json.decode(document, type=Document))


class Case(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    declaration: UUID
    claimant: UUID
    holder: UUID
    state: str
    opened_at: datetime
    decision: Decision | None
    reason: str | None
    proposed_by: UUID | None
    proposed_at: datetime | None
    decided_by: UUID | None
    decided_at: datetime | None


# --- declarations -----------------------------------------------------------------------------


async def lock_person(person_id: UUID) -> None:
    """Until the transaction ends: what one person declares at once is taken one by one."""
    await connection().execute(
        "SELECT pg_advisory_xact_lock($1, hashtext($2))", _PERSON_LOCK, str(person_id)
    )


async def lock_number(number_index: bytes) -> None:
    """Whoever verifies this number waits here, and then sees who was first."""
    await connection().execute(
        "SELECT pg_advisory_xact_lock($1)", int.from_bytes(number_index[:8], signed=True)
    )


async def add_declaration(
    vault: Vault, person_id: UUID, claimed: Claimed, organisation_id: UUID | None, now: datetime
) -> UUID:
    new, document = uuid7(), msgspec.json.encode(claimed.document).decode()
    await Row.insert(
        Row(
            id=new,
            person=person_id,
            organisation=organisation_id,
            kind=claimed.document.kind,
            name_sealed=vault.seal(claimed.name, place(Row.name_sealed, new)),
            document_sealed=vault.seal(document, place(Row.document_sealed, new)),
            number_index=vault.index(claimed.document.indexed),
            state=State.DECLARED,
            declared_at=now,
        )
    )
    return new


async def declared_since(person_id: UUID, since: datetime) -> int:
    found: int = await Row.count().where(Row.person == person_id, Row.declared_at > since)
    return found


async def declarations_of(person_id: UUID, *, limit: int) -> list[Declaration]:
    """Newest first, without what was erased."""
    where = [Row.person == person_id, Row.state != State.ERASED]
    return await _declarations(where, limit, ascending=False)


async def queue(
    *,
    state: State,
    organisation_id: UUID | None = None,
    person_id: UUID | None = None,
    after: UUID | None,
    limit: int,
) -> list[Declaration]:
    """Oldest first."""
    where = [Row.state == state]
    where += [] if organisation_id is None else [Row.organisation == organisation_id]
    where += [] if person_id is None else [Row.person == person_id]
    where += [] if after is None else [Row.id > after]
    return await _declarations(where, limit, ascending=True)


async def lock_declaration(
    declaration_id: UUID, *, organisation_id: UUID | None = None
) -> Declaration | None:
    where = [Row.id == declaration_id, Row.state != State.ERASED]
    where += [] if organisation_id is None else [Row.organisation == organisation_id]
    row = await Row.select().where(*where).first().lock_rows("UPDATE")
    return msgspec.convert(row, Declaration) if row else None


async def change(declaration_id: UUID, values: dict[Column | str, Any]) -> None:
    await Row.update(values).where(Row.id == declaration_id)


async def end_declared(person_id: UUID) -> UUID | None:
    """What nobody has looked at yet gives way to a new declaration."""
    rows = (
        await Row.update({Row.state: State.WITHDRAWN})
        .where(Row.person == person_id, Row.state == State.DECLARED)
        .returning(Row.id)
    )
    return rows[0]["id"] if rows else None


async def being_checked(person_id: UUID) -> bool:
    return await Row.exists().where(Row.person == person_id, Row.state == State.ATTESTED)


async def held_by(person_id: UUID) -> UUID | None:
    """The declaration that is this person's identity, expired or not."""
    row = (
        await Row.select(Row.id)
        .where(Row.person == person_id, Row.state.is_in(list(HOLDING)))
        .first()
    )
    return row["id"] if row else None


async def holder_of_number(number_index: bytes, *, but: UUID) -> tuple[UUID, UUID] | None:
    """(declaration, person) to whom it belongs, unless that is `but`."""
    row = (
        await Row.select(Row.id, Row.person)
        .where(
            Row.number_index == number_index,
            Row.state.is_in(list(HOLDING)),
            Row.person != but,
        )
        .first()
    )
    return (row["id"], row["person"]) if row else None


async def expired(now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(declaration, person), now expired; rows that another worker holds are left to it."""
    rows = await connection().fetch(
        "UPDATE identity_declaration SET state = 'expired' WHERE id IN ("
        "SELECT id FROM identity_declaration WHERE state = 'verified' AND valid_until <= $1"
        " ORDER BY valid_until LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING id, person",
        *(now, limit),
    )
    return [(row["id"], row["person"]) for row in rows]


async def erase(person_id: UUID) -> list[UUID]:
    rows = (
        await Row.update(
            {
                Row.state: State.ERASED,
                Row.name_sealed: None,
                Row.document_sealed: None,
                Row.number_index: None,
            }
        )
        .where(Row.person == person_id, Row.state != State.ERASED)
        .returning(Row.id)
    )
    return [row["id"] for row in rows]


async def is_open(person_id: UUID) -> bool:
    return await Row.exists().where(Row.person == person_id, Row.state.is_in(list(OPEN)))


async def _declarations(
    where: Sequence[Where], limit: int, *, ascending: bool
) -> list[Declaration]:
    rows = await Row.select().where(*where).order_by(Row.id, ascending=ascending).limit(limit)
    return msgspec.convert(rows, list[Declaration])


# --- history ----------------------------------------------------------------------------------


async def note(
    event: str,
    person_id: UUID,
    declaration_id: UUID | None,
    *,
    actor: UUID | None,
    now: datetime,
    method: str | None = None,
    reason: str | None = None,
) -> None:
    await IdentityEvent.insert(
        IdentityEvent(
            id=uuid7(),
            person=person_id,
            declaration=declaration_id,
            event=event,
            method=method,
            reason=reason,
            actor=actor,
            at=now,
        )
    )


async def events_of(person_id: UUID, *, limit: int) -> list[dict[str, Any]]:
    """Newest first."""
    return (
        await IdentityEvent.select()
        .where(IdentityEvent.person == person_id)
        .order_by(IdentityEvent.id, ascending=False)
        .limit(limit)
    )


async def last_event(person_id: UUID, events: Sequence[str]) -> str | None:
    row = (
        await IdentityEvent.select(IdentityEvent.event)
        .where(IdentityEvent.person == person_id, IdentityEvent.event.is_in(list(events)))
        .order_by(IdentityEvent.id, ascending=False)
        .first()
    )
    return row["event"] if row else None


async def add_reveal(reveal: IdentityReveal) -> None:
    await IdentityReveal.insert(reveal)


async def reveals_of(
    person_id: UUID, *, before: UUID | None = None, limit: int
) -> list[dict[str, Any]]:
    """Newest first."""
    where = [IdentityReveal.person == person_id]
    where += [] if before is None else [IdentityReveal.id < before]
    return (
        await IdentityReveal.select()
        .where(*where)
        .order_by(IdentityReveal.id, ascending=False)
        .limit(limit)
    )


# --- cases ------------------------------------------------------------------------------------


async def add_case(declaration_id: UUID, claimant: UUID, holder: UUID, now: datetime) -> UUID:
    case = IdentityCase(
        id=uuid7(),
        declaration=declaration_id,
        claimant=claimant,
        holder=holder,
        state="open",
        opened_at=now,
    )
    await IdentityCase.insert(case)
    return case.id


async def undecided_case(declaration_id: UUID) -> bool:
    return await IdentityCase.exists().where(
        IdentityCase.declaration == declaration_id, IdentityCase.state != "decided"
    )


async def lock_case(case_id: UUID) -> Case | None:
    row = await IdentityCase.select().where(IdentityCase.id == case_id).first().lock_rows("UPDATE")
    return msgspec.convert(row, Case) if row else None


async def change_case(case_id: UUID, values: dict[Column | str, Any]) -> None:
    await IdentityCase.update(values).where(IdentityCase.id == case_id)


async def cases(*, decided: bool, after: UUID | None, limit: int) -> list[Case]:
    """Oldest first."""
    state = IdentityCase.state
    where = [state == "decided" if decided else state != "decided"]
    where += [] if after is None else [IdentityCase.id > after]
    rows = await IdentityCase.select().where(*where).order_by(IdentityCase.id).limit(limit)
    return msgspec.convert(rows, list[Case])
