"""What those who decide about records see: one record with all that was decided about it, what
waits for a second person, what is suspended, and what was decided lately."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from backend.accounts import service as accounts
from backend.accounts.domain import Holder
from backend.records import repository
from backend.records.deciding import repository as rows
from backend.records.deciding.choices import choices_of, refusal_of
from backend.records.deciding.correcting import SamePerson
from backend.records.deciding.domain import (
    Decider,
    check_decision,
    check_two_people,
    is_proven,
)
from backend.records.deciding.repository import Decided, OpenProposal
from backend.records.deciding.schemas import (
    Decisions,
    DecisionView,
    ProposalView,
    RecordCase,
    RefusalView,
    WaitingRevocations,
)
from backend.records.domain import NoSuchRecord, State, typed_code
from backend.records.events import states
from backend.records.tables import RevocationProposal
from backend.records.told import title_of
from backend.records.verification import masked_holder, successor_of
from infra.database import Reading
from infra.engine import DB
from infra.errors import DomainError
from infra.instance import public_url
from infra.vault import Vault, place


class Colleagues(msgspec.Struct, frozen=True):
    """Those who decided or proposed, and who is looking."""

    known: dict[UUID, Holder]
    now: datetime

    @classmethod
    async def of(cls, vault: Vault, people: Iterable[UUID | None], now: datetime) -> "Colleagues":
        """One query."""
        return cls(await accounts.holders_of(vault, {one for one in people if one}), now)

    def decider(self, person_id: UUID) -> Decider:
        one = self.known.get(person_id)
        if one is None:
            return Decider(id=person_id, proven=False)
        proven = is_proven(one.identity_method, one.identity_valid_until, self.now)
        return Decider(id=person_id, proven=proven)

    def name(self, person_id: UUID | None) -> str | None:
        one = self.known.get(person_id) if person_id else None
        return (one.name or None) if one else None


async def waiting(
    vault: Vault, caller: UUID, *, before: UUID | None, limit: int, now: datetime
) -> WaitingRevocations:
    """The newest first."""
    async with Reading(DB):
        found = await rows.open_proposals(before=before, limit=limit + 1)
        views = await _proposals(vault, found[:limit], caller, now)
        proven = (await Colleagues.of(vault, [caller], now)).decider(caller).proven
        count = await rows.waiting_for(caller, proven=proven)
    more = views[-1].id if len(found) > limit else None
    return WaitingRevocations(items=views, next_cursor=more, for_you=count)


async def decided_lately(
    vault: Vault, *, before: UUID | None, limit: int, now: datetime
) -> Decisions:
    """The newest first."""
    async with Reading(DB):
        found = await rows.decided_lately(before, limit + 1)
        return await _page(vault, found, limit, now)


async def suspended_now(
    vault: Vault, *, after: UUID | None, limit: int, now: datetime
) -> Decisions:
    """Those first that are to be looked at again soonest."""
    async with Reading(DB):
        found = await rows.suspended_now(after, limit + 1)
        return await _page(vault, found, limit, now)


async def case_of(
    vault: Vault, code: str, caller: UUID, *, now: datetime, same_person: SamePerson
) -> RecordCase:
    """By number or code, as typed. NoSuchRecord, also before it is in the log."""
    async with Reading(DB):
        record = await repository.record_by_code(typed_code(code))
        if await repository.proof_of(record.entry_id) is None:
            raise NoSuchRecord
        state = (await states([record.id]))[record.id]
        story = await rows.decided_about(record.id)
        found = await rows.open_proposals(record_id=record.id, limit=1)
        proposals = await _proposals(vault, found, caller, now)
        choices = await choices_of(vault, record, state, caller, now=now, same_person=same_person)
        return RecordCase(
            record_id=record.id,
            number=record.number,
            code=record.code,
            title=title_of(record.facts),
            programme=record.programme,
            edition=record.edition,
            holder=await masked_holder(record, vault),
            issued_at=record.issued_at,
            valid_until=record.valid_until,
            demonstration=record.demonstration,
            state=state,
            superseded_by=await successor_of(record) if state is State.SUPERSEDED else None,
            story=(await _page(vault, story, len(story), now)).items,
            proposal=proposals[0] if proposals else None,
            choices=choices,
            url=f"{await public_url()}/v/{record.code}",
        )


async def _proposals(
    vault: Vault, found: Sequence[OpenProposal], caller: UUID, now: datetime
) -> list[ProposalView]:
    known = await states([one.record_id for one in found])
    people = await Colleagues.of(vault, [caller, *(one.proposer_id for one in found)], now)
    return [_proposal(vault, one, known[one.record_id], people, caller) for one in found]


def _proposal(
    vault: Vault, one: OpenProposal, state: State, people: Colleagues, caller: UUID
) -> ProposalView:
    sealed, at = one.evidence_sealed, place(RevocationProposal.evidence_sealed, one.id)
    return ProposalView(
        id=one.id,
        record_id=one.record_id,
        number=one.number,
        title=title_of(one.facts),
        state=state,
        demonstration=one.demonstration,
        reason=one.reason,
        evidence=vault.open(sealed, at) if sealed else None,
        proposer=people.name(one.proposer_id),
        proposed_at=one.proposed_at,
        own=one.proposer_id == caller,
        refused=_second_refused(one, state, people, caller),
    )


def _second_refused(
    one: OpenProposal, state: State, people: Colleagues, caller: UUID
) -> RefusalView | None:
    proposer, second = people.decider(one.proposer_id), people.decider(caller)
    try:
        check_decision("revoked", state, holder=one.holder_id, deciders=[proposer.id, second.id])
        check_two_people(proposer, second, demonstration=one.demonstration)
    except DomainError as error:
        return refusal_of(error)
    return None


async def _page(vault: Vault, found: Sequence[Decided], limit: int, now: datetime) -> Decisions:
    shown = found[:limit]
    who = [person for one in shown for person in (one.proposer_id, one.second_id)]
    people = await Colleagues.of(vault, who, now)
    more = shown[-1].id if len(found) > limit else None
    return Decisions(items=[_decision(one, people) for one in shown], next_cursor=more)


def _decision(one: Decided, people: Colleagues) -> DecisionView:
    names = [people.name(person) for person in dict.fromkeys([one.proposer_id, one.second_id])]
    return DecisionView(
        id=one.id,
        record_id=one.record_id,
        number=one.number,
        title=title_of(one.facts),
        kind=one.kind,
        at=one.at,
        reason=one.reason,
        declined_because=one.declined_because,
        review_by=one.review_by,
        by=[name for name in names if name],
    )
