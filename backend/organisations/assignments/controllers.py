from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream

from backend.accounts.domain import Caller
from backend.accounts.guards import requires
from backend.organisations.assignments import dashboards, exports, service
from backend.organisations.assignments.domain import State
from backend.organisations.assignments.schemas import (
    AssignmentList,
    AssignmentView,
    Dashboard,
    MemberStandings,
    MyAssignments,
    NewAssignment,
)
from infra.settings import Settings
from infra.vault import Vault

_MANAGER = [requires(whose="organisation they manage")]
Limit = Annotated[int, QueryParameter(ge=1, le=100)]
Cursor = Annotated[UUID | None, QueryParameter(description="The `nextCursor` of the page before.")]
OfDepartment = Annotated[
    UUID | None, QueryParameter(name="departmentId", description="With all departments below it.")
]
InState = Annotated[State | None, QueryParameter(name="state")]
Form = Annotated[Literal["xlsx", "csv"], QueryParameter(name="format")]
Now = NamedDependency[datetime]
Me = NamedDependency[Caller]
Page = Request[Any, Any, Any]


class AssignmentController(Controller):
    path = "/v1/organisations/{organisation_id:uuid}/assignments"
    guards = _MANAGER
    tags = ("organisations",)

    @post(operation_id="AssignProgramme", summary="Assign a programme to members")
    async def assign(
        self,
        organisation_id: FromPath[UUID],
        data: JSONBody[NewAssignment],
        caller: Me,
        settings: NamedDependency[Settings],
        now: Now,
    ) -> AssignmentView:
        return await service.assign(
            caller.person_id, organisation_id, data, demo=settings.demo, now=now
        )

    @get(operation_id="ListAssignments", summary="Assignments, newest first, withdrawn ones too")
    async def assignments(
        self, organisation_id: FromPath[UUID], caller: Me, limit: Limit = 50, cursor: Cursor = None
    ) -> AssignmentList:
        return await service.assignments(
            caller.person_id, organisation_id, after=cursor, limit=limit
        )

    @get("/{assignment_id:uuid}", operation_id="GetAssignment", summary="One assignment")
    async def assignment(
        self, organisation_id: FromPath[UUID], assignment_id: FromPath[UUID], caller: Me
    ) -> AssignmentView:
        return await service.assignment(caller.person_id, organisation_id, assignment_id)

    @post(
        "/{assignment_id:uuid}/withdrawal",
        operation_id="WithdrawAssignment",
        summary="Withdraw an assignment; it stays in the list",
        status_code=200,
    )
    async def withdraw(
        self, organisation_id: FromPath[UUID], assignment_id: FromPath[UUID], caller: Me, now: Now
    ) -> AssignmentView:
        return await service.withdraw(caller.person_id, organisation_id, assignment_id, now=now)

    @get(
        "/{assignment_id:uuid}/members",
        operation_id="ListStandings",
        summary="Where each member stands, as at the dashboard's moment",
    )
    async def members(
        self,
        organisation_id: FromPath[UUID],
        assignment_id: FromPath[UUID],
        caller: Me,
        vault: NamedDependency[Vault],
        now: Now,
        in_state: InState = None,
        department_id: OfDepartment = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> MemberStandings:
        return await service.member_standings(
            vault,
            caller.person_id,
            organisation_id,
            assignment_id,
            state=in_state,
            department_id=department_id,
            after=cursor,
            limit=limit,
            now=now,
        )

    @get(
        "/{assignment_id:uuid}/export",
        operation_id="ExportStandings",
        summary="The same as a spreadsheet",
        responses={
            200: ResponseSpec(bytes, media_type=exports.MEDIA_TYPES["xlsx"], description="A file.")
        },
        response_headers=[
            ResponseHeader(
                name="Content-Disposition", description="RFC 6266.", documentation_only=True
            )
        ],
    )
    async def export(
        self,
        request: Page,
        organisation_id: FromPath[UUID],
        assignment_id: FromPath[UUID],
        caller: Me,
        vault: NamedDependency[Vault],
        now: Now,
        form: Form = "xlsx",
        in_state: InState = None,
        department_id: OfDepartment = None,
    ) -> Stream:
        english = request.headers.get("accept-language", "zh").strip().lower().startswith("en")
        made = await exports.export(
            vault,
            caller.person_id,
            organisation_id,
            assignment_id,
            state=in_state,
            department_id=department_id,
            form=form,
            language="en" if english else "zh",
            now=now,
        )
        headers = {
            "Content-Disposition": made.disposition,
            "Content-Length": str(made.size),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return Stream(made.chunks(), media_type=made.media_type, headers=headers)


@get(
    "/v1/organisations/{organisation_id:uuid}/dashboard",
    operation_id="GetDashboard",
    summary="Who is done, late, under way, not started; hours by month and department",
    guards=_MANAGER,
    tags=["organisations"],
)
async def dashboard(
    organisation_id: FromPath[UUID], caller: Me, now: Now, department_id: OfDepartment = None
) -> Dashboard:
    return await dashboards.dashboard(
        caller.person_id, organisation_id, department_id=department_id, now=now
    )


@get(
    "/v1/me/assignments",
    operation_id="ListMyAssignments",
    summary="What my organisations ask of me, and until when",
    guards=[requires(whose="own")],
    tags=["organisations"],
)
async def my_assignments(caller: Me, now: Now) -> MyAssignments:
    return await service.my_assignments(caller.person_id, now=now)


ROUTES: list[Any] = [AssignmentController, dashboard, my_assignments]
