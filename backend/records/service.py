"""What other areas and the routes ask of records. One `UnitOfWork` each."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from backend.accounts import service as accounts
from backend.records import log, repository
from backend.records.announcing import announce
from backend.records.domain import (
    AlreadyDecided,
    Earned,
    Held,
    NoSuchRecord,
    RecordFacts,
    State,
    Title,
    approve,
    checked_reason,
    typed_code,
)
from backend.records.events import decide, states
from backend.records.evidence.domain import Earning
from backend.records.expiring import ending as ending
from backend.records.keyring import Keyring
from backend.records.schemas import MyRecord, Revocation, Verification
from backend.records.tables import CompletionRecord, DueRecord, RevocationProposal
from backend.records.verdict.canonical import canonical, digest
from backend.records.verdict.leaf import Kind, audit_ref, edition_ref
from backend.records.verification import record_bundle, verification_of
from infra import instance
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.queue import enqueue
from infra.vault import Vault

ISSUE = "records.issue"

__all__ = ["ISSUE", "AlreadyDecided", "NoSuchRecord", "RecordFacts", "Title", "Verification"]


# --- earning one ------------------------------------------------------------------------------


async def request_record(
    facts: RecordFacts, now: datetime, *, earning: Earning | None = None
) -> None:
    """Store a due record and its job with the act that earned it; a second time, nothing."""
    due = DueRecord(
        id=uuid7(),
        learner_id=facts.learner_id,
        programme=facts.programme_code,
        edition=facts.edition,
        revision=facts.revision,
        facts=canonical(msgspec.to_builtins(facts)),
        earning=canonical(msgspec.to_builtins(earning)) if earning else None,
        demonstration=facts.demonstration,
        state="due",
        requested_at=now,
    )
    async with UnitOfWork(DB):
        if await DueRecord.insert(due).on_conflict(action="DO NOTHING"):
            await enqueue(ISSUE, {"due_id": str(due.id)})


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


async def my_records(vault: Vault, learner_id: UUID) -> list[MyRecord]:
    dues = await repository.learners_dues(learner_id)
    if any(due.state == "waiting-for-identity" for due in dues):
        holder = await accounts.holder_of(vault, learner_id)
        if holder.identity_verified:
            await identity_verified(learner_id)
    return await _mine(dues)


async def my_record(learner_id: UUID, record_id: UUID) -> MyRecord:
    return (await _mine([await repository.learners_due(learner_id, record_id)]))[0]


async def my_bundle(learner_id: UUID, record_id: UUID) -> tuple[str, bytes]:
    """File name and zip."""
    due = await repository.learners_due(learner_id, record_id)
    made = await repository.records_of([due.id])
    if due.id not in made:
        raise NoSuchRecord
    return await record_bundle(made[due.id])


async def _mine(dues: Iterable[DueRecord]) -> list[MyRecord]:
    dues = list(dues)
    made = await repository.records_of([due.id for due in dues])
    logged = await repository.proofs_of([record.entry_id for record in made.values()])
    shown = {d: r for d, r in made.items() if r.entry_id in logged}
    known = await states([record.id for record in shown.values()])
    address = await instance.public_url()
    return [_my_record(due, shown.get(due.id), known, address) for due in dues]


def _my_record(
    due: DueRecord, record: CompletionRecord | None, known: dict[UUID, State], address: str
) -> MyRecord:
    facts = msgspec.json.decode(due.facts, type=RecordFacts)
    waiting = "due" if due.state == "issued" else due.state
    return MyRecord(
        id=record.id if record else due.id,
        state=known[record.id] if record else waiting,
        why_waiting=due.reason,
        programme=due.programme,
        title=facts.programme_title,
        edition=due.edition,
        demonstration=due.demonstration,
        number=record.number if record else None,
        code=record.code if record else None,
        issued_at=record.issued_at if record else None,
        url=f"{address}/v/{record.code}" if record else None,
    )


# --- many learners at once, inside the caller's `UnitOfWork` ------------------------------------


async def earned(learner_ids: Sequence[UUID], programmes: Collection[str]) -> list[Earned]:
    """Who has completed which of these programmes. One statement for any number of learners."""
    return await repository.earned(learner_ids, programmes)


# --- checking ---------------------------------------------------------------------------------


async def verdict_for_code(code: str, now: datetime, *, vault: Vault) -> Verification:
    """By verification code or record number. NoSuchRecord when unknown or not yet in the log."""
    return await verification_of(await repository.record_by_code(typed_code(code)), vault, now)


async def public_bundle(code: str) -> tuple[str, bytes]:
    return await record_bundle(await repository.record_by_code(typed_code(code)))


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


async def propose_revocation(
    record_id: UUID, reason: str, *, proposer_id: UUID, now: datetime
) -> Revocation:
    text = checked_reason(reason)
    async with UnitOfWork(DB):
        record = await repository.record_by_id(record_id)
        proposal = RevocationProposal(
            id=uuid7(),
            record=record.id,
            reason=text,
            state="proposed",
            proposer_id=proposer_id,
            proposed_at=now,
        )
        await RevocationProposal.insert(proposal)
        await record_act(
            "revocation-proposed",
            actor=proposer_id,
            subject=f"record:{record_id}",
            now=now,
            details={"proposal": str(proposal.id)},
        )
    return Revocation(id=proposal.id, state="proposed", record_id=record_id, reason=text)


async def approve_revocation(
    keyring: Keyring, proposal_id: UUID, *, approver_id: UUID, now: datetime
) -> Revocation:
    """The second person's word: event, leaf and the new list, in one transaction."""
    async with UnitOfWork(DB):
        proposal = await _lock_proposal(proposal_id)
        record = await repository.record_by_id(proposal.record)
        approve(
            proposer=proposal.proposer_id,
            approver=approver_id,
            open_=proposal.state == "proposed",
            state=await _state(record.id),
        )
        await RevocationProposal.update(
            {
                RevocationProposal.state: "decided",
                RevocationProposal.approver_id: approver_id,
                RevocationProposal.decided_at: now,
            }
        ).where(RevocationProposal.id == proposal_id)
        await decide(
            keyring,
            record,
            "revoked",
            at=now,
            reason=proposal.reason,
            proposer_id=proposal.proposer_id,
            approver_id=approver_id,
        )
        await record_act(
            "record-revoked",
            actor=approver_id,
            subject=f"record:{record.id}",
            now=now,
            details={"proposal": str(proposal_id), "proposer": str(proposal.proposer_id)},
        )
    return Revocation(id=proposal_id, state="decided", record_id=record.id, reason=proposal.reason)


async def suspend(
    keyring: Keyring, record_id: UUID, reason: str, *, actor_id: UUID, now: datetime
) -> None:
    """For the time of an inquiry; anyone who checks the record sees it, and why."""
    await _hold(keyring, record_id, "suspended", reason, actor_id, now)


async def reinstate(
    keyring: Keyring, record_id: UUID, reason: str, *, actor_id: UUID, now: datetime
) -> None:
    await _hold(keyring, record_id, "reinstated", reason, actor_id, now)


async def _hold(
    keyring: Keyring, record_id: UUID, kind: str, reason: str, actor_id: UUID, now: datetime
) -> None:
    text = checked_reason(reason)
    async with UnitOfWork(DB):
        record = await repository.record_by_id(record_id)
        await repository.lock_record(record)
        wanted = State.ISSUED if kind == "suspended" else State.SUSPENDED
        if await _state(record_id) is not wanted:
            raise AlreadyDecided
        await decide(keyring, record, kind, at=now, reason=text, proposer_id=actor_id)
        await record_act(f"record-{kind}", actor=actor_id, subject=f"record:{record_id}", now=now)


async def _state(record_id: UUID) -> State:
    return (await states([record_id]))[record_id]


async def _lock_proposal(proposal_id: UUID) -> RevocationProposal:
    found = (
        await RevocationProposal.objects()
        .where(RevocationProposal.id == proposal_id)
        .lock_rows("NO KEY UPDATE")
        .first()
    )
    if found is None:
        raise NoSuchRecord
    return found


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
