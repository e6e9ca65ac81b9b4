"""Revoking (two people), suspending and reinstating records, over HTTP. Correcting one takes a look
at documents: `backend.identity.record_names`."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.records.deciding import service
from backend.records.deciding.schemas import (
    Decision,
    ProposalView,
    WaitingRevocations,
)
from backend.records.keyring import Keyring
from backend.records.schemas import Revocation, RevocationRequest
from infra.settings import Settings

_DECIDERS = requires(Role.ADMINISTRATOR, Role.REVIEWER, whose="any")
Limit = Annotated[int, QueryParameter(ge=1, le=100)]


@post(
    "/v1/records/{record_id:uuid}/revocations",
    operation_id="ProposeRevocation",
    summary="Propose to revoke a record; a second person decides",
    guards=[_DECIDERS],
    tags=["records"],
)
async def propose(
    record_id: FromPath[UUID],
    data: JSONBody[RevocationRequest],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> Revocation:
    """The reason is shown to everyone who checks the record, once it is revoked."""
    return await service.propose_revocation(
        record_id, data.reason, proposer_id=caller.person_id, now=now
    )


@get(
    "/v1/revocations",
    operation_id="ListWaitingRevocations",
    summary="Proposed revocations that wait for a second person",
    guards=[_DECIDERS],
    tags=["records"],
)
async def waiting(
    caller: NamedDependency[Caller], cursor: FromQuery[UUID | None] = None, limit: Limit = 50
) -> WaitingRevocations:
    """The newest first."""
    found = await service.waiting_revocations(before=cursor, limit=limit + 1)
    shown = [
        ProposalView(
            id=one.id,
            record_id=one.record_id,
            number=one.number,
            reason=one.reason,
            proposed_at=one.proposed_at,
            own=one.proposer_id == caller.person_id,
        )
        for one in found[:limit]
    ]
    return WaitingRevocations(items=shown, next_cursor=shown[-1].id if len(found) > limit else None)


@post(
    "/v1/revocations/{proposal_id:uuid}/approval",
    operation_id="ApproveRevocation",
    summary="Revoke the record, as the second person",
    status_code=200,
    guards=[_DECIDERS],
    tags=["records"],
)
async def approve(
    proposal_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Revocation:
    """Final. Of a real record both people must have had their identity checked."""
    return await service.approve_revocation(
        Keyring.of(settings), proposal_id, approver_id=caller.person_id, now=now
    )


@post(
    "/v1/revocations/{proposal_id:uuid}/refusal",
    operation_id="DeclineRevocation",
    summary="Do not revoke the record; the proposal is closed",
    status_code=200,
    guards=[_DECIDERS],
    tags=["records"],
)
async def decline(
    proposal_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> Revocation:
    """Who proposed it may take it back so."""
    return await service.decline_revocation(proposal_id, decliner_id=caller.person_id, now=now)


@post(
    "/v1/records/{record_id:uuid}/suspensions",
    operation_id="SuspendRecord",
    summary="Suspend a record for the time of an inquiry",
    guards=[_DECIDERS],
    tags=["records"],
)
async def suspend(
    record_id: FromPath[UUID],
    data: JSONBody[RevocationRequest],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Decision:
    """Shown to everyone who checks the record, with date and reason; it can be taken back."""
    ring = Keyring.of(settings)
    await service.suspend(ring, record_id, data.reason, actor_id=caller.person_id, now=now)
    return Decision(record_id=record_id, state="suspended", since=now)


@post(
    "/v1/records/{record_id:uuid}/reinstatements",
    operation_id="ReinstateRecord",
    summary="End a suspension: the record is in force again",
    guards=[_DECIDERS],
    tags=["records"],
)
async def reinstate(
    record_id: FromPath[UUID],
    data: JSONBody[RevocationRequest],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Decision:
    """Date and reason stay in the record's history."""
    ring = Keyring.of(settings)
    await service.reinstate(ring, record_id, data.reason, actor_id=caller.person_id, now=now)
    return Decision(record_id=record_id, state="issued", since=now)


ROUTES: list[Any] = [propose, waiting, approve, decline, suspend, reinstate]
