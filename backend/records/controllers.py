"""One's own records, decisions about them, and verification. Public artefacts: `public.py`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.records import public, service
from backend.records.keyring import Keyring
from backend.records.schemas import (
    MyRecord,
    MyRecords,
    Revocation,
    RevocationRequest,
    Verification,
)
from infra.settings import Settings
from infra.vault import Vault

_DECIDERS = requires(Role.ADMINISTRATOR, Role.REVIEWER, whose="any")


def _zip(name: str, content: bytes) -> Response[bytes]:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="application/zip", headers=headers)


class RecordController(Controller):
    path = "/v1/records"
    tags = ("records",)

    @get("/", operation_id="ListMyRecords", guards=[requires(whose="own")])
    async def mine(
        self, caller: NamedDependency[Caller], vault: NamedDependency[Vault]
    ) -> MyRecords:
        return MyRecords(items=await service.my_records(vault, caller.person_id))

    @get("/{record_id:uuid}", operation_id="GetMyRecord", guards=[requires(whose="own")])
    async def one(self, record_id: FromPath[UUID], caller: NamedDependency[Caller]) -> MyRecord:
        return await service.my_record(caller.person_id, record_id)

    @get(
        "/{record_id:uuid}/bundle", operation_id="GetMyRecordBundle", guards=[requires(whose="own")]
    )
    async def bundle(
        self, record_id: FromPath[UUID], caller: NamedDependency[Caller]
    ) -> Response[bytes]:
        return _zip(*await service.my_bundle(caller.person_id, record_id))

    @post("/{record_id:uuid}/revocations", operation_id="ProposeRevocation", guards=[_DECIDERS])
    async def propose(
        self,
        record_id: FromPath[UUID],
        data: JSONBody[RevocationRequest],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> Revocation:
        return await service.propose_revocation(
            record_id, data.reason, proposer_id=caller.person_id, now=now
        )


@post(
    "/v1/revocations/{proposal_id:uuid}/approval",
    operation_id="ApproveRevocation",
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
    return await service.approve_revocation(
        Keyring.of(settings), proposal_id, approver_id=caller.person_id, now=now
    )


class VerificationController(Controller):
    """For anyone, without signing in."""

    path = "/v1/verifications/{code:str}"
    tags = ("verification",)

    @get("/", operation_id="VerifyRecord")
    async def verify(
        self,
        code: FromPath[str],
        now: NamedDependency[datetime],
        vault: NamedDependency[Vault],
    ) -> Response[Verification]:
        found = await service.verdict_for_code(code, now, vault=vault)
        return Response(found, headers={"Cache-Control": "no-store"})

    @get("/bundle", operation_id="GetRecordBundle")
    async def bundle(self, code: FromPath[str]) -> Response[bytes]:
        return _zip(*await service.public_bundle(code))


ROUTES: list[Any] = [RecordController, approve, VerificationController, *public.ROUTES]
