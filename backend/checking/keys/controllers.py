"""Certifiers' keys over HTTP, and what a key of one scope alone may ask."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.accounts.domain import Caller
from backend.accounts.guards import requires
from backend.certification_bodies.schemas import Code
from backend.checking import rosters
from backend.checking.keys import service
from backend.checking.keys.domain import Scope
from backend.checking.keys.guards import key_of, needs_key
from backend.checking.keys.schemas import CertifierKeys, MadeCertifierKey, NewCertifierKey
from backend.checking.schemas import Roster, RosterState
from backend.records import service as records
from backend.records.schemas import Verification
from infra.vault import Vault

Days = Annotated[int, QueryParameter(name="withinDays", ge=0, le=3660)]
Limit = Annotated[int, QueryParameter(ge=1, le=100)]
State = Annotated[RosterState | None, QueryParameter(name="state", description="These alone.")]
DESK = requires(whose="certification body they manage; any for administrators")
AnyRequest = Request[Any, Any, Any]


class CertifierKeyController(Controller):
    path = "/v1/certification-bodies/{code:str}/keys"
    tags = ("certification bodies",)
    guards = (DESK,)

    @post("/", operation_id="MakeCertifierKey", summary="Make a key for a body's systems")
    async def make(
        self,
        code: Code,
        data: JSONBody[NewCertifierKey],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> Response[MadeCertifierKey]:
        """The key is in this answer and nowhere else."""
        made = await service.make(code, data, by=caller, now=now)
        return Response(made, status_code=201, headers={"Cache-Control": "no-store"})

    @get("/", operation_id="ListCertifierKeys", summary="A body's keys, newest first")
    async def all(self, code: Code, caller: NamedDependency[Caller]) -> CertifierKeys:
        return CertifierKeys(items=await service.keys(code, by=caller))

    @delete("/{key_id:uuid}", operation_id="RevokeCertifierKey", summary="Revoke a key at once")
    async def revoke(
        self,
        code: Code,
        key_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        await service.revoke(code, key_id, by=caller, now=now)


@get(
    "/v1/certifier/auditors",
    operation_id="GetRoster",
    summary="My body's auditors: who is current, who expires soon",
    guards=[needs_key(Scope.ROSTER)],
    tags=["certifiers"],
)
async def roster(
    request: AnyRequest,
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
    within_days: Days = 90,
    wanted: State = None,
    cursor: FromQuery[UUID | None] = None,
    limit: Limit = 50,
) -> Roster:
    """`Authorization: Bearer gbk_…` with scope `roster`. Names and numbers are masked. Where a
    `state` is asked for, an answer may hold fewer than `limit` and a cursor that leads on."""
    return await rosters.roster_of(
        vault,
        key_of(request).body_code,
        within_days=within_days,
        states=[wanted] if wanted else (),
        cursor=cursor,
        limit=limit,
        now=now,
    )


@get(
    "/v1/certifier/verifications/{code:str}",
    operation_id="VerifyRecordAsCertifier",
    summary="The verdict on a record, by code or number",
    guards=[needs_key(Scope.VERIFY)],
    tags=["certifiers"],
)
async def verify(
    code: FromPath[str], vault: NamedDependency[Vault], now: NamedDependency[datetime]
) -> Response[Verification]:
    """`Authorization: Bearer gbk_…` with scope `verify`. As anyone gets it."""
    found = await records.verdict_for_code(code, now, vault=vault)
    return Response(found, headers={"Cache-Control": "no-store"})


ROUTES: list[Any] = [CertifierKeyController, roster, verify]
