"""A body's auditors over HTTP: kept by its managers, shown masked, looked up for a purpose."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.certification_bodies import service
from backend.certification_bodies.code_tables import grades
from backend.certification_bodies.domain import shanghai_day
from backend.certification_bodies.schemas import (
    ArchiveQuery,
    AuditorArchive,
    AuditorList,
    AuditorView,
    Code,
    Departure,
    GradeOffered,
    GradeTable,
    NewAuditor,
    NewGrade,
)
from infra.vault import Vault

_MANAGER = requires(whose="certification body they manage")


class AuditorController(Controller):
    path = "/v1/certification-bodies/{code:str}/auditors"
    tags = ("certification bodies",)

    @get("/", operation_id="ListAuditors", summary="A body's auditors today, masked")
    async def all(
        self,
        code: Code,
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
        cursor: FromQuery[UUID | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
    ) -> AuditorList:
        return await service.auditors_of(vault, code, cursor=cursor, limit=limit, now=now)

    @post("/", operation_id="AddAuditor", summary="Enter an auditor", guards=[_MANAGER])
    async def add(
        self,
        code: Code,
        data: JSONBody[NewAuditor],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> AuditorView:
        """403 `body-not-listed` while the register does not list the body."""
        return await service.add_auditor(vault, code, data, manager=caller.person_id, now=now)

    @post(
        "/{auditor_id:uuid}/grades",
        operation_id="GiveAuditorGrade",
        summary="Enter a new grade",
        status_code=204,
        guards=[_MANAGER],
    )
    async def grade(
        self,
        code: Code,
        auditor_id: FromPath[UUID],
        data: JSONBody[NewGrade],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        await service.give_grade(code, auditor_id, data, manager=caller.person_id, now=now)

    @post(
        "/{auditor_id:uuid}/departure",
        operation_id="EndAuditorEmployment",
        summary="Enter an auditor's last day",
        status_code=204,
        guards=[_MANAGER],
    )
    async def depart(
        self,
        code: Code,
        auditor_id: FromPath[UUID],
        data: JSONBody[Departure],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        await service.depart(code, auditor_id, data.last_day, manager=caller.person_id, now=now)


@post(
    "/v1/auditor-archive-queries",
    operation_id="QueryAuditorArchive",
    summary="An auditor's archive by registration number",
    tags=["certification bodies"],
    status_code=200,
    guards=[requires(Role.CERTIFIER, Role.INSPECTOR, Role.ADMINISTRATOR, whose="any, logged")],
)
async def query_archive(
    data: JSONBody[ArchiveQuery],
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> AuditorArchive:
    """The number travels in the body: addresses are logged by every proxy on the way."""
    if not caller.roles & {Role.INSPECTOR, Role.ADMINISTRATOR}:
        await service.check_body_rights(caller.person_id, on=shanghai_day(now))
    return await service.archive(vault, data, caller=caller.person_id, now=now)


@get(
    "/v1/auditor-grades",
    operation_id="ListAuditorGrades",
    summary="The grades in use today",
    tags=["certification bodies"],
)
async def grade_table(now: NamedDependency[datetime]) -> GradeTable:
    return GradeTable(
        items=[
            GradeOffered(code=g.code, title={"zh": g.zh, "en": g.en}, since=g.since)
            for g in grades(shanghai_day(now))
        ]
    )


ROUTES: list[Any] = [AuditorController, query_archive, grade_table]
