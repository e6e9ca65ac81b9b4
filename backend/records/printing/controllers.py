"""One's own record on paper."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from backend.accounts.domain import Caller
from backend.accounts.guards import requires
from backend.records.printing import service
from backend.records.printing.domain import Language
from backend.records.printing.service import Keyring
from infra.objects import ObjectStore
from infra.settings import Settings
from infra.vault import Vault

PrintLanguage = Annotated[Language, QueryParameter(name="language")]


@get(
    "/v1/records/{record_id:uuid}/pdf",
    operation_id="PrintMyRecord",
    summary="My record to print: PDF/A-3 with the bundle inside",
    guards=[requires(whose="own")],
    tags=["records"],
)
async def my_pdf(
    record_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    settings: NamedDependency[Settings],
    objects: NamedDependency[ObjectStore],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
    language: PrintLanguage = "zh",
) -> Response[bytes]:
    """Names its holder in full, so it is for the holder alone. The last bytes are the issuer's
    seal over all others: the record's public page tells whether a file was changed. 409 for a
    record that is suspended, revoked or superseded."""
    keyring = Keyring.of(settings)
    made = await service.my_print(
        objects, vault, keyring, caller.person_id, record_id, language=language, now=now
    )
    plain, whole = f"{made.number}.pdf", quote(made.name, safe="")
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}",
        "Cache-Control": "no-store",
    }
    return Response(made.content, media_type="application/pdf", headers=headers)


ROUTES: list[Any] = [my_pdf]
