"""Revoking (two people), suspending and reinstating records, over HTTP. Correcting one takes a look
at documents: `backend.identity.record_names`."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.records.deciding import desk, service
from backend.records.deciding.schemas import (
    Decision,
    Decisions,
    Declined,
    Reasoned,
    RevocationRequest,
    SuspensionRequest,
    WaitingRevocations,
)
from backend.records.keyring import Keyring
from backend.records.schemas import Revocation
from infra.settings import Settings
from infra.vault import Vault

_DECIDERS = requires(Role.ADMINISTRATOR, Role.REVIEWER, whose="any")
Limit = Annotated[int, QueryParameter(ge=1, le=100)]
_NOT_KEPT = {"Cache-Control": "no-store"}


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
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> Revocation:
    """Of a real record only by somebody whose identity was checked; one proposal at a time. The
    reason is shown to everyone who checks the record, once it is revoked."""
    return await service.propose_revocation(
        *(vault, record_id, data.reason),
        proposer_id=caller.person_id,
        now=now,
        evidence=data.evidence,
    )


@get(
    "/v1/revocations",
    operation_id="ListWaitingRevocations",
    summary="Proposed revocations that wait for a second person",
    guards=[_DECIDERS],
    tags=["records"],
)
async def waiting(
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
    cursor: FromQuery[UUID | None] = None,
    limit: Limit = 50,
) -> Response[WaitingRevocations]:
    """The newest first, each with why the caller cannot be the second person, if so."""
    found = await desk.waiting(vault, caller.person_id, before=cursor, limit=limit, now=now)
    return Response(found, headers=_NOT_KEPT)


@get(
    "/v1/record-decisions",
    operation_id="ListRecordDecisions",
    summary="What was decided about records lately, and by whom",
    guards=[_DECIDERS],
    tags=["records"],
)
async def decided(
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
    cursor: FromQuery[UUID | None] = None,
    limit: Limit = 50,
) -> Response[Decisions]:
    """The newest first; proposals that were declined among them."""
    found = await desk.decided_lately(vault, before=cursor, limit=limit, now=now)
    return Response(found, headers=_NOT_KEPT)


@get(
    "/v1/suspended-records",
    operation_id="ListSuspendedRecords",
    summary="Records that are suspended now, by the day of their review",
    guards=[_DECIDERS],
    tags=["records"],
)
async def suspended(
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
    cursor: FromQuery[UUID | None] = None,
    limit: Limit = 50,
) -> Response[Decisions]:
    """The soonest day first, after them those without one."""
    found = await desk.suspended_now(vault, after=cursor, limit=limit, now=now)
    return Response(found, headers=_NOT_KEPT)


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
    data: JSONBody[Declined],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> Revocation:
    """Who proposed it may take it back so."""
    return await service.decline_revocation(
        proposal_id, data.reason, decliner_id=caller.person_id, now=now
    )


@post(
    "/v1/records/{record_id:uuid}/suspensions",
    operation_id="SuspendRecord",
    summary="Suspend a record for the time of an inquiry",
    guards=[_DECIDERS],
    tags=["records"],
)
async def suspend(
    record_id: FromPath[UUID],
    data: JSONBody[SuspensionRequest],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Decision:
    """Shown to everyone who checks the record, with date and reason; it can be taken back."""
    await service.suspend(
        *(Keyring.of(settings), record_id, data.reason),
        actor_id=caller.person_id,
        now=now,
        review_by=data.review_by,
    )
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
    data: JSONBody[Reasoned],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Decision:
    """Date and reason stay in the record's history."""
    ring = Keyring.of(settings)
    await service.reinstate(ring, record_id, data.reason, actor_id=caller.person_id, now=now)
    return Decision(record_id=record_id, state="issued", since=now)


ROUTES: list[Any] = [
    *(propose, waiting, approve, decline),
    *(suspend, reinstate, suspended, decided),
]
