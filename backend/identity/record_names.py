"""Records of people whose name was wrong. Whether it is the same person, documents say."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.identity import service
from backend.records import service as records
from backend.records.deciding.schemas import Correction, CorrectionRequest
from infra.vault import Vault

_DECIDERS = requires(Role.ADMINISTRATOR, Role.REVIEWER, whose="any")


@post(
    "/v1/records/{record_id:uuid}/corrections",
    operation_id="CorrectRecord",
    summary="Have a new record take this one's place, under the holder's verified name",
    status_code=202,
    guards=[_DECIDERS],
    tags=["records"],
)
async def correct(
    record_id: FromPath[UUID],
    data: JSONBody[CorrectionRequest],
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> Correction:
    """Nothing is edited: within seconds the old record is superseded and names the new one. First
    the holder's identity has to be verified under the right name, by the document that it was
    verified by when the record was issued."""
    revision = await records.correct(
        vault,
        record_id,
        data.reason,
        actor_id=caller.person_id,
        now=now,
        same_person=service.same_person_since,
    )
    return Correction(record_id=record_id, revision=revision)


ROUTES: list[Any] = [correct]
