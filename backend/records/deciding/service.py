"""What becomes of a record after its issue. Each decision is an event, a leaf of the public log and
a list signed anew, in one transaction; whoever comes second finds it decided."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from piccolo.columns import Column

from backend.accounts import service as accounts
from backend.records import repository
from backend.records.deciding.domain import (
    Decider,
    check_decision,
    check_none_open,
    check_not_own,
    check_proven,
    check_two_people,
    checked_review,
    is_proven,
    why_declined,
)
from backend.records.deciding.repository import lock_proposal, open_proposal_of
from backend.records.domain import AlreadyDecided, State, checked_reason
from backend.records.events import decide, states
from backend.records.keyring import Keyring
from backend.records.schemas import Revocation
from backend.records.tables import CompletionRecord, RevocationProposal
from backend.records.told import tell_proposer
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.vault import Vault, place


async def propose_revocation(
    vault: Vault,
    record_id: UUID,
    reason: str,
    *,
    proposer_id: UUID,
    now: datetime,
    evidence: str | None = None,
) -> Revocation:
    """`evidence`: where the second person looks; sealed, for deciders alone."""
    text, proposal_id = checked_reason(reason), uuid7()
    async with UnitOfWork(DB):
        record = await _held(record_id)
        await check_may_propose(record, proposer_id, now)
        proposal = RevocationProposal(
            id=proposal_id,
            record=record.id,
            reason=text,
            evidence_sealed=_sealed(vault, proposal_id, evidence),
            state="proposed",
            proposer_id=proposer_id,
            proposed_at=now,
        )
        await RevocationProposal.insert(proposal)
        await _recorded("revocation-proposed", proposer_id, record_id, proposal_id, now)
    return Revocation(id=proposal_id, state="proposed", record_id=record_id, reason=text)


async def check_may_propose(record: CompletionRecord, proposer_id: UUID, now: datetime) -> None:
    """What would make the second person's word worth nothing is refused before a word is typed."""
    state = await state_of_record(record.id)
    check_decision("revoked", state, holder=record.learner_id, deciders=[proposer_id])
    check_proven([await decider(proposer_id, now)], demonstration=record.demonstration)
    check_none_open(await open_proposal_of(record.id))


def _sealed(vault: Vault, proposal_id: UUID, evidence: str | None) -> bytes | None:
    if not evidence or not evidence.strip():
        return None
    return vault.seal(evidence.strip(), place(RevocationProposal.evidence_sealed, proposal_id))


async def approve_revocation(
    keyring: Keyring, proposal_id: UUID, *, approver_id: UUID, now: datetime
) -> Revocation:
    """The second person's word: event, leaf and the new list, in one transaction."""
    async with UnitOfWork(DB):
        proposal = await _lock_open(proposal_id)
        record = await _held(proposal.record)
        await _check_both(record, proposal.proposer_id, approver_id, now)
        await _close(proposal, "decided", now, approver_id=approver_id)
        await decide(
            keyring,
            record,
            "revoked",
            at=now,
            reason=proposal.reason,
            proposer_id=proposal.proposer_id,
            approver_id=approver_id,
        )
        await _recorded("record-revoked", approver_id, record.id, proposal_id, now)
        await tell_proposer(proposal.proposer_id, proposal_id, record.number, revoked=True, now=now)
    return Revocation(id=proposal_id, state="decided", record_id=record.id, reason=proposal.reason)


async def decline_revocation(
    proposal_id: UUID, reason: str, *, decliner_id: UUID, now: datetime
) -> Revocation:
    """By a second person who sees no ground, or by who proposed it and thought better."""
    because = why_declined(reason)
    async with UnitOfWork(DB):
        proposal = await _lock_open(proposal_id)
        record = await repository.record_by_id(proposal.record)
        check_not_own(record.learner_id, [decliner_id])
        await _close(proposal, "declined", now, declined_by=decliner_id, declined_because=because)
        await _recorded("revocation-declined", decliner_id, record.id, proposal_id, now)
        if decliner_id != proposal.proposer_id:
            await tell_proposer(
                proposal.proposer_id, proposal_id, record.number, revoked=False, now=now
            )
    return Revocation(id=proposal_id, state="declined", record_id=record.id, reason=proposal.reason)


async def suspend(
    keyring: Keyring,
    record_id: UUID,
    reason: str,
    *,
    actor_id: UUID,
    now: datetime,
    review_by: date | None = None,
) -> None:
    """For the time of an inquiry; anyone who checks the record sees it, why, and until when it is
    to be looked at again."""
    day = checked_review(review_by, now)
    await _pause(keyring, record_id, "suspended", reason, actor_id, now, day)


async def reinstate(
    keyring: Keyring, record_id: UUID, reason: str, *, actor_id: UUID, now: datetime
) -> None:
    await _pause(keyring, record_id, "reinstated", reason, actor_id, now)


async def _pause(
    keyring: Keyring,
    record_id: UUID,
    kind: str,
    reason: str,
    actor_id: UUID,
    now: datetime,
    day: date | None = None,
) -> None:
    text = checked_reason(reason)
    async with UnitOfWork(DB):
        record = await _held(record_id)
        state = await state_of_record(record_id)
        check_decision(kind, state, holder=record.learner_id, deciders=[actor_id])
        await decide(
            keyring, record, kind, at=now, reason=text, proposer_id=actor_id, review_by=day
        )
        await record_act(f"record-{kind}", actor=actor_id, subject=f"record:{record_id}", now=now)


async def _held(record_id: UUID) -> CompletionRecord:
    """Until the transaction ends nobody else decides about it. NoSuchRecord."""
    record = await repository.record_by_id(record_id)
    await repository.lock_record(record)
    return record


async def _lock_open(proposal_id: UUID) -> RevocationProposal:
    proposal = await lock_proposal(proposal_id)
    if proposal.state != "proposed":
        raise AlreadyDecided
    return proposal


async def _check_both(
    record: CompletionRecord, proposer_id: UUID, approver_id: UUID, now: datetime
) -> None:
    """The caller has locked the record: nobody else decides about it meanwhile."""
    check_two_people(
        await decider(proposer_id, now),
        await decider(approver_id, now),
        demonstration=record.demonstration,
    )
    state = await state_of_record(record.id)
    people = [proposer_id, approver_id]
    check_decision("revoked", state, holder=record.learner_id, deciders=people)


async def decider(person_id: UUID, now: datetime) -> Decider:
    facts = await accounts.identity_of(person_id)
    return Decider(id=person_id, proven=is_proven(facts.method, facts.valid_until, now))


async def _close(
    proposal: RevocationProposal, state: str, now: datetime, **said: UUID | str
) -> None:
    changes: dict[Column | str, Any] = {"state": state, "decided_at": now}
    changes |= {name: value for name, value in said.items()}
    await RevocationProposal.update(changes).where(RevocationProposal.id == proposal.id)


async def _recorded(
    act: str, actor: UUID, record_id: UUID, proposal_id: UUID, now: datetime
) -> None:
    details = {"proposal": str(proposal_id)}
    subject = f"record:{record_id}"
    await record_act(act, actor=actor, subject=subject, now=now, details=details)


async def state_of_record(record_id: UUID) -> State:
    return (await states([record_id]))[record_id]
