"""The trail of privileged acts, for administrators. Reading it is an act itself."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.privacy.schemas import AuditPage, AuditView
from infra import audit_chain
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.tables import AuditEntry

_INT8 = (1 << 63) - 1
_SUBJECT = r"^[a-z][a-z-]{0,30}(:[A-Za-z0-9._:/-]{1,160})?$"


@get(
    "/v1/audit",
    operation_id="ListPrivilegedActs",
    summary="Privileged acts, newest first",
    tags=["privacy"],
    guards=[requires(Role.ADMINISTRATOR, whose="all")],
)
async def acts(
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    subject: Annotated[str | None, QueryParameter(pattern=_SUBJECT)] = None,
    actor: FromQuery[UUID | None] = None,
    since: FromQuery[datetime | None] = None,
    cursor: Annotated[int | None, QueryParameter(ge=1, le=_INT8)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
) -> AuditPage:
    """`subject` is like `person:<id>` or `record:<id>`. Each reading is an entry of the trail."""
    async with UnitOfWork(DB):
        found = await audit_chain.entries(
            subject=subject, actor=actor, since=since, before=cursor, limit=limit + 1
        )
        await record_act(
            "audit-read",
            actor=caller.person_id,
            subject=subject or "audit",
            now=now,
            details={"actor": str(actor) if actor else None, "entries": len(found[:limit])},
        )
    return AuditPage(
        items=[_view(entry) for entry in found[:limit]],
        next_cursor=found[limit - 1].number if len(found) > limit else None,
    )


def _view(entry: AuditEntry) -> AuditView:
    return AuditView(
        number=entry.number,
        at=entry.at,
        act=entry.act,
        actor=entry.actor,
        subject=entry.subject,
        details=msgspec.json.decode(entry.body)["details"],
        sha256=bytes(entry.hash).hex(),
    )


ROUTES: list[Any] = [acts]
