"""What becomes of a record after its issue. Each decision is an event, a leaf of the public log and
a list signed anew, in one transaction; whoever comes second finds it decided."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import Column

from backend.accounts import service as accounts
from backend.records import repository
from backend.records.deciding.domain import (
    Decider,
    OpenProposal,
    check_decision,
    check_two_people,
)
from backend.records.deciding.repository import lock_proposal, open_proposals
from backend.records.domain import AlreadyDecided, State, checked_reason
from backend.records.events import decide, states
from backend.records.keyring import Keyring
from backend.records.schemas import Revocation
from backend.records.tables import CompletionRecord, RevocationProposal
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7


async def propose_revocation(
    record_id: UUID, reason: str, *, proposer_id: UUID, now: datetime
) -> Revocation:
    text = checked_reason(reason)
    async with UnitOfWork(DB):
        record = await repository.record_by_id(record_id)
        state = await state_of_record(record.id)
        check_decision("revoked", state, holder=record.learner_id, deciders=[proposer_id])
        proposal = RevocationProposal(
            id=uuid7(),
            record=record.id,
            reason=text,
            state="proposed",
            proposer_id=proposer_id,
            proposed_at=now,
        )
        await RevocationProposal.insert(proposal)
        await _recorded("revocation-proposed", proposer_id, record_id, proposal.id, now)
    return Revocation(id=proposal.id, state="proposed", record_id=record_id, reason=text)


async def waiting_revocations(*, before: UUID | None, limit: int) -> Sequence[OpenProposal]:
    """The newest first."""
    async with UnitOfWork(DB):
        return await open_proposals(before, limit)


async def approve_revocation(
    keyring: Keyring, proposal_id: UUID, *, approver_id: UUID, now: datetime
) -> Revocation:
    """The second person's word: event, leaf and the new list, in one transaction."""
    async with UnitOfWork(DB):
        proposal = await lock_proposal(proposal_id)
        record = await repository.record_by_id(proposal.record)
        await repository.lock_record(record)
        if proposal.state != "proposed":
            raise AlreadyDecided
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
    return Revocation(id=proposal_id, state="decided", record_id=record.id, reason=proposal.reason)


async def decline_revocation(proposal_id: UUID, *, decliner_id: UUID, now: datetime) -> Revocation:
    """By a second person who sees no ground, or by who proposed it and thought better."""
    async with UnitOfWork(DB):
        proposal = await lock_proposal(proposal_id)
        record = await repository.record_by_id(proposal.record)
        if proposal.state != "proposed":
            raise AlreadyDecided
        check_decision("revoked", State.ISSUED, holder=record.learner_id, deciders=[decliner_id])
        await _close(proposal, "declined", now, declined_by=decliner_id)
        await _recorded("revocation-declined", decliner_id, record.id, proposal_id, now)
    return Revocation(id=proposal_id, state="declined", record_id=record.id, reason=proposal.reason)


async def suspend(
    keyring: Keyring, record_id: UUID, reason: str, *, actor_id: UUID, now: datetime
) -> None:
    """For the time of an inquiry; anyone who checks the record sees it, and why."""
    await _pause(keyring, record_id, "suspended", reason, actor_id, now)


async def reinstate(
    keyring: Keyring, record_id: UUID, reason: str, *, actor_id: UUID, now: datetime
) -> None:
    await _pause(keyring, record_id, "reinstated", reason, actor_id, now)


async def _pause(
    keyring: Keyring, record_id: UUID, kind: str, reason: str, actor_id: UUID, now: datetime
) -> None:
    text = checked_reason(reason)
    async with UnitOfWork(DB):
        record = await repository.record_by_id(record_id)
        await repository.lock_record(record)
        state = await state_of_record(record_id)
        check_decision(kind, state, holder=record.learner_id, deciders=[actor_id])
        await decide(keyring, record, kind, at=now, reason=text, proposer_id=actor_id)
        await record_act(f"record-{kind}", actor=actor_id, subject=f"record:{record_id}", now=now)


async def _check_both(
    record: CompletionRecord, proposer_id: UUID, approver_id: UUID, now: datetime
) -> None:
    """The caller has locked the record: nobody else decides about it meanwhile."""
    check_two_people(
        await _decider(proposer_id, now),
        await _decider(approver_id, now),
        demonstration=record.demonstration,
    )
    state = await state_of_record(record.id)
    people = [proposer_id, approver_id]
    check_decision("revoked", state, holder=record.learner_id, deciders=people)


async def _decider(person_id: UUID, now: datetime) -> Decider:
    facts = await accounts.identity_of(person_id)
    checked = facts.method not in {None, "", "null"}
    ends = facts.valid_until
    return Decider(id=person_id, proven=checked and (ends is None or ends > now))


async def _close(proposal: RevocationProposal, state: str, now: datetime, **by: UUID) -> None:
    changes: dict[Column | str, Any] = {"state": state, "decided_at": now}
    changes |= {name: person for name, person in by.items()}
    await RevocationProposal.update(changes).where(RevocationProposal.id == proposal.id)


async def _recorded(
    act: str, actor: UUID, record_id: UUID, proposal_id: UUID, now: datetime
) -> None:
    details = {"proposal": str(proposal_id)}
    subject = f"record:{record_id}"
    await record_act(act, actor=actor, subject=subject, now=now, details=details)


async def state_of_record(record_id: UUID) -> State:
    return (await states([record_id]))[record_id]
