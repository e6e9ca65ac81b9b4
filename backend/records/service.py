"""What other areas and the routes ask of records. One `UnitOfWork` each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from backend.accounts import service as accounts
from backend.records import log, repository
from backend.records.announcing import announce
from backend.records.deciding.correcting import correct as correct
from backend.records.deciding.desk import case_of as case_of
from backend.records.deciding.service import (
    approve_revocation,
    propose_revocation,
    reinstate,
    suspend,
)
from backend.records.domain import (
    AlreadyDecided,
    Earned,
    Held,
    NoSuchRecord,
    RecordFacts,
    State,
    Title,
    typed_code,
    why_waiting,
)
from backend.records.events import Standing, standings
from backend.records.expiring import ending as ending
from backend.records.holders import holder_at, name_on
from backend.records.keyring import Keyring
from backend.records.repository import Successor
from backend.records.requesting import ISSUE, request_record
from backend.records.schemas import MyRecord, Verification
from backend.records.tables import CompletionRecord, DueRecord
from backend.records.verdict.canonical import canonical, digest
from backend.records.verdict.leaf import Kind, audit_ref, edition_ref
from backend.records.verification import record_bundle, verification_of
from infra import instance
from infra.audit import record_act
from infra.database import Reading, UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.queue import enqueue
from infra.vault import Vault

__all__ = [
    "ISSUE",
    "AlreadyDecided",
    "NoSuchRecord",
    "RecordFacts",
    "Title",
    "Verification",
    "approve_revocation",
    "propose_revocation",
    "reinstate",
    "request_record",
    "suspend",
]


# --- earning one ------------------------------------------------------------------------------


async def identity_verified(person_id: UUID) -> None:
    """Records that waited for this person's identity are taken up again."""
    async with UnitOfWork(DB):
        waiting = (
            await DueRecord.update({DueRecord.state: "due", DueRecord.reason: None})
            .where(DueRecord.learner_id == person_id, DueRecord.state == "waiting-for-identity")
            .returning(DueRecord.id)
        )
        for row in waiting:
            await enqueue(ISSUE, {"due_id": str(row["id"])})


# --- one's own --------------------------------------------------------------------------------


async def my_records(vault: Vault, learner_id: UUID, *, now: datetime) -> list[MyRecord]:
    dues = await repository.learners_dues(learner_id)
    waiting = [due for due in dues if due.state == "waiting-for-identity"]
    if waiting:
        holder = holder_at(await accounts.holder_of(vault, learner_id), now)
        facts = [msgspec.json.decode(due.facts, type=RecordFacts) for due in waiting]
        if any(why_waiting(one, holder) is None for one in facts):
            await identity_verified(learner_id)
    return await _mine(dues, now)


async def my_record(
    vault: Vault, learner_id: UUID, record_id: UUID, *, appeals_to: str | None = None, now: datetime
) -> MyRecord:
    due = await repository.learners_due(learner_id, record_id)
    (mine,) = await _mine([due], now)
    made = (await repository.records_of([due.id])).get(due.id)
    name = name_on(made, vault) if made and mine.number else None
    return msgspec.structs.replace(mine, holder=name, appeals_to=appeals_to)


async def my_bundle(
    objects: ObjectStore, learner_id: UUID, record_id: UUID, *, now: datetime
) -> tuple[str, bytes]:
    """File name and zip."""
    due = await repository.learners_due(learner_id, record_id)
    made = await repository.records_of([due.id])
    if due.id not in made:
        raise NoSuchRecord
    return await record_bundle(made[due.id], objects, now)


async def _mine(dues: Iterable[DueRecord], now: datetime) -> list[MyRecord]:
    dues = list(dues)
    made = await repository.records_of([due.id for due in dues])
    logged = await repository.proofs_of([record.entry_id for record in made.values()])
    shown = {d: r for d, r in made.items() if r.entry_id in logged}
    decided = await standings([record.id for record in shown.values()])
    superseded = [i for i, one in decided.items() if one.state is State.SUPERSEDED]
    newer = await repository.successors_of(superseded) if superseded else {}
    address = await instance.public_url()
    mine = (_my_record(due, shown.get(due.id), address, now) for due in dues)
    return [_decided(one, decided, newer) for one in mine]


def _decided(
    mine: MyRecord, decided: Mapping[UUID, Standing], newer: Mapping[UUID, Successor]
) -> MyRecord:
    last = decided.get(mine.id)
    if last is None:
        return mine
    after = newer.get(mine.id)
    return msgspec.structs.replace(
        mine,
        state=last.state,
        expired=mine.expired and last.state is State.ISSUED,
        decided_at=last.at,
        reason=last.reason,
        review_by=last.review_by,
        superseded_by=after.id if after else None,
    )


def _my_record(
    due: DueRecord, record: CompletionRecord | None, address: str, now: datetime
) -> MyRecord:
    facts = msgspec.json.decode(due.facts, type=RecordFacts)
    waiting = "due" if due.state == "issued" else due.state
    until = record.valid_until if record else None
    waits = waiting == "waiting-for-identity"  # why one was put aside is for those who run this
    return MyRecord(
        id=record.id if record else due.id,
        state=State.ISSUED if record else waiting,
        why_waiting=due.reason if waits else None,
        programme=due.programme,
        title=facts.programme_title,
        edition=due.edition,
        period=facts.period,
        round=facts.round,
        demonstration=due.demonstration,
        number=record.number if record else None,
        code=record.code if record else None,
        issued_at=record.issued_at if record else None,
        valid_until=until,
        expired=until is not None and until <= now,
        url=f"{address}/v/{record.code}" if record else None,
    )


# --- many learners at once, inside the caller's `UnitOfWork` ------------------------------------


async def rounds(learner_ids: Sequence[UUID], programmes: Collection[str]) -> list[Earned]:
    """Who has completed which of these programmes, by round, and whether its record was revoked;
    what was earned first comes first. One statement for any number of learners."""
    return await repository.rounds(learner_ids, programmes)


async def earned(learner_ids: Sequence[UUID], programmes: Collection[str]) -> list[Earned]:
    """Those of them that were not revoked."""
    return [one for one in await rounds(learner_ids, programmes) if not one.revoked]


# --- checking ---------------------------------------------------------------------------------


async def verdict_for_code(code: str, now: datetime, *, vault: Vault) -> Verification:
    """By verification code or record number. NoSuchRecord when unknown or not yet in the log."""
    async with Reading(DB):
        record = await repository.record_by_code(typed_code(code))
        return await verification_of(record, vault, now)


async def public_bundle(objects: ObjectStore, code: str, now: datetime) -> tuple[str, bytes]:
    return await record_bundle(await repository.record_by_code(typed_code(code)), objects, now)


async def issued_between(start: datetime, end: datetime, *, demonstration: bool) -> dict[str, UUID]:
    """Record number -> learner of all that was issued in [start, end)."""
    return await repository.issued_between(start, end, demonstration=demonstration)


async def learner_of(number: str) -> UUID | None:
    """Whose record has this number; None where there is none."""
    return await repository.learner_of(number)


async def numbers_of(learner_ids: Collection[UUID]) -> list[Held]:
    """All records of these learners, whatever became of them. In the caller's unit of work."""
    return await repository.numbers_of(learner_ids) if learner_ids else []


# --- deciding ---------------------------------------------------------------------------------


async def in_force_of(
    people: Collection[UUID], programmes: Collection[str], *, now: datetime
) -> set[UUID]:
    """Who of these people holds a real record of one of these programmes that is in force."""
    async with UnitOfWork(DB):
        holders = await repository.in_force_of(people, programmes, now=now)
    return set(holders)


# --- the instance -----------------------------------------------------------------------------


async def change_public_address(new: str, now: datetime) -> None:
    """New records carry the new address; old ones keep theirs. The log says when it changed."""
    async with UnitOfWork(DB):
        old = await instance.public_url()
        await instance.change_public_url(new, now=now)
        said = canonical({"from": old, "to": await instance.public_url()})
        await log.append(
            Kind.ADDRESS, at=now, kid="", sha256=digest(said), ref=f"urn:uuid:{uuid7()}"
        )
        await record_act("public-address-changed", actor=None, subject="instance", now=now)


async def log_edition(code: str, *, sha256: str, published_at: datetime) -> bool:
    """Say in public what an edition of the curriculum is. False when that was said before.

    Records name their edition and its hash: from here on nobody can put another one under the name.
    """
    return await log.append_once(
        Kind.EDITION, at=published_at, sha256=sha256, ref=edition_ref(code)
    )


async def log_audit_head(number: int, sha256: str, *, at: datetime) -> bool:
    """Say in public where the trail of privileged acts ends: from here on nobody, not even who
    owns the database, can cut it off or write it anew unseen. False when that was said before."""
    return await log.append_once(Kind.AUDIT, at=at, sha256=sha256, ref=audit_ref(number))


async def logged_audit_heads() -> dict[int, str]:
    """Number of entry -> its hash, as the public log has them."""
    return await log.audit_heads()


async def ensure_announced(keyring: Keyring, now: datetime) -> None:
    """Keys and status lists of this instance, before anybody asks for them."""
    await announce(keyring, now)
