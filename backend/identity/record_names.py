"""Records of people whose name was wrong, and what is open to somebody who looks at a record.
Whether its holder is the same person still, documents say."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, PathParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.identity import service
from backend.records import service as records
from backend.records.deciding.schemas import Correction, CorrectionRequest, RecordCase
from infra.vault import Vault

_DECIDERS = requires(Role.ADMINISTRATOR, Role.REVIEWER, whose="any")
Code = Annotated[str, PathParameter(max_length=64)]


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


@get(
    "/v1/record-cases/{code:str}",
    operation_id="GetRecordCase",
    summary="A record for those who decide: its story, and what is open to the caller",
    guards=[_DECIDERS],
    tags=["records"],
)
async def case(
    code: Code,
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> Response[RecordCase]:
    """By number or code. For each act that the record's state allows, why the caller may not."""
    found = await records.case_of(
        vault, code, caller.person_id, now=now, same_person=service.same_person_since
    )
    return Response(found, headers={"Cache-Control": "no-store"})


ROUTES: list[Any] = [correct, case]
