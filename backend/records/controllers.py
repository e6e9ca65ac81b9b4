"""One's own records, decisions about them, and verification. Public artefacts: `public.py`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend.accounts.domain import Caller
from backend.accounts.guards import requires
from backend.records import public, service
from backend.records.cosigning import controllers as cosigning
from backend.records.deciding import controllers as deciding
from backend.records.printing import controllers as printing
from backend.records.schemas import MyRecord, MyRecords, Verification
from infra.objects import ObjectStore
from infra.settings import Settings
from infra.vault import Vault


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
        self,
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> MyRecords:
        return MyRecords(items=await service.my_records(vault, caller.person_id, now=now))

    @get("/{record_id:uuid}", operation_id="GetMyRecord", guards=[requires(whose="own")])
    async def one(
        self,
        record_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        settings: NamedDependency[Settings],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> MyRecord:
        appeals_to = settings.appeals_to or None
        return await service.my_record(
            vault, caller.person_id, record_id, appeals_to=appeals_to, now=now
        )

    @get(
        "/{record_id:uuid}/bundle", operation_id="GetMyRecordBundle", guards=[requires(whose="own")]
    )
    async def bundle(
        self,
        record_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> Response[bytes]:
        return _zip(*await service.my_bundle(objects, caller.person_id, record_id, now=now))


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
    async def bundle(
        self,
        code: FromPath[str],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> Response[bytes]:
        return _zip(*await service.public_bundle(objects, code, now))


ROUTES: list[Any] = [
    RecordController,
    VerificationController,
    *public.ROUTES,
    *cosigning.ROUTES,
    *deciding.ROUTES,
    *printing.ROUTES,
]
