"""The holder's own credential, to be shown field by field."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend.accounts.domain import Caller
from backend.accounts.guards import requires
from backend.disclosures import service
from backend.disclosures.schemas import FIELDS, KnownFields, fields
from backend.records.holder.service import Keyring
from infra.settings import Settings
from infra.vault import Vault

_SHOW = "Fields to disclose, by commas: " + ", ".join(FIELDS) + ". All of them when left out."
Show = Annotated[str, msgspec.Meta(max_length=200, description=_SHOW)]


@get(
    "/v1/records/{record_id:uuid}/holder-credential",
    operation_id="GetMyHolderCredential",
    summary="What I may show of myself beside this record, as an SD-JWT (RFC 9901)",
    guards=[requires(whose="own")],
    tags=["records"],
)
async def holder_credential(
    record_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
    show: FromQuery[Show] = "",
) -> Response[bytes]:
    """Name, identity document, employer, registration number and score, each disclosable alone, in
    a file for its holder only. Which record it belongs to is always visible."""
    keyring = Keyring.of(settings)
    name, content = await service.credential(
        vault, keyring, caller.person_id, record_id, show=fields(show), now=now
    )
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="application/dc+sd-jwt", headers=headers)


@get(
    "/v1/records/{record_id:uuid}/holder-fields",
    operation_id="ListMyHolderFields",
    summary="Which fields of mine are known, and so may be shown beside this record",
    guards=[requires(whose="own")],
    tags=["records"],
)
async def holder_fields(
    record_id: FromPath[UUID], caller: NamedDependency[Caller], vault: NamedDependency[Vault]
) -> KnownFields:
    """Their names alone."""
    return KnownFields(await service.known_fields(vault, caller.person_id, record_id))


ROUTES: list[Any] = [holder_credential, holder_fields]
