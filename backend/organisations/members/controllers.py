"""Members and departments of one organisation, for its managers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.accounts.domain import Caller
from backend.organisations import profiles
from backend.organisations.domain import Position
from backend.organisations.guards import BELONGS, MANAGED, Limit
from backend.organisations.members import expected, mine, service
from backend.organisations.members.invited import InvitationController, LinkController
from backend.organisations.members.repository import DepartmentRow
from backend.organisations.members.schemas import (
    Decision,
    DepartmentChange,
    Departments,
    DepartmentView,
    ExpectedPage,
    JoinCodeView,
    JoinCodeWish,
    MemberChange,
    MemberPage,
    MemberSearch,
    NewDepartment,
    RequestPage,
)
from backend.organisations.members.shown import MemberView
from infra.vault import Vault

_ONE = "/v1/organisations/{organisation_id:uuid}"


class MemberController(Controller):
    path = f"{_ONE}/members"
    tags = ("organisations",)
    guards = (MANAGED,)

    @get("/", operation_id="ListMembers", summary="Members, in the order they joined")
    async def page(
        self,
        organisation_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
        department: FromQuery[UUID | None] = None,
        position: FromQuery[Position | None] = None,
        left: FromQuery[bool] = False,
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 50,
    ) -> MemberPage:
        """Names and contact data are masked. `department` includes those below it; `left=true`
        lists who has left instead."""
        wish = service.Wish(present=not left, department=department, position=position)
        found = await service.page(
            vault, caller.person_id, organisation_id, wish, after=cursor, limit=limit + 1, now=now
        )
        return _members(found, limit)

    @post(
        "/search",
        operation_id="SearchMembers",
        summary="Members of exactly this name",
        status_code=200,
    )
    async def search(
        self,
        organisation_id: FromPath[UUID],
        data: JSONBody[MemberSearch],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> MemberPage:
        """In a body, because a name does not belong into an address."""
        found = await service.page(
            vault,
            caller.person_id,
            organisation_id,
            service.Wish(name=data.name),
            after=data.cursor,
            limit=data.limit + 1,
            now=now,
        )
        return _members(found, data.limit)

    @put("/{member_id:uuid}", operation_id="ChangeMember", summary="Position, department, duty")
    async def change(
        self,
        organisation_id: FromPath[UUID],
        member_id: FromPath[UUID],
        data: JSONBody[MemberChange],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> MemberView:
        return await service.change_member(
            vault,
            caller.person_id,
            organisation_id,
            member_id,
            position=data.position,
            department=data.department_id,
            duty=data.duty,
            now=now,
        )

    @delete("/{member_id:uuid}", operation_id="RemoveMember", summary="End a membership")
    async def remove(
        self,
        organisation_id: FromPath[UUID],
        member_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        await service.remove_member(caller.person_id, organisation_id, member_id, now=now)


class ExpectedController(Controller):
    path = f"{_ONE}/expected-members"
    tags = ("organisations",)
    guards = (MANAGED,)

    @get("/", operation_id="ListExpectedMembers", summary="Listed staff who have not come yet")
    async def page(
        self,
        organisation_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 50,
    ) -> ExpectedPage:
        found = await expected.page(
            vault, caller.person_id, organisation_id, after=cursor, limit=limit + 1
        )
        more = found[limit - 1].id if len(found) > limit else None
        return ExpectedPage(items=found[:limit], next_cursor=more)

    @delete("/{expected_id:uuid}", operation_id="RemoveExpectedMember", summary="Take off the list")
    async def remove(
        self,
        organisation_id: FromPath[UUID],
        expected_id: FromPath[UUID],
        caller: NamedDependency[Caller],
    ) -> None:
        await expected.take_off(caller.person_id, organisation_id, expected_id)


class DepartmentController(Controller):
    path = f"{_ONE}/departments"
    tags = ("organisations",)

    @get(
        "/",
        operation_id="ListDepartments",
        summary="All departments, from the top down",
        guards=[BELONGS],
    )
    async def list_all(
        self, organisation_id: FromPath[UUID], caller: NamedDependency[Caller]
    ) -> Departments:
        found = await service.departments(caller.person_id, organisation_id)
        return Departments(items=[_department(row) for row in found])

    @post("/", operation_id="AddDepartment", summary="Add a department", guards=[MANAGED])
    async def add(
        self,
        organisation_id: FromPath[UUID],
        data: JSONBody[NewDepartment],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> DepartmentView:
        return _department(
            await service.add_department(
                caller.person_id, organisation_id, data.name, data.parent_id, now=now
            )
        )

    @patch(
        "/{department_id:uuid}",
        operation_id="RenameDepartment",
        summary="Rename a department",
        guards=[MANAGED],
    )
    async def rename(
        self,
        organisation_id: FromPath[UUID],
        department_id: FromPath[UUID],
        data: JSONBody[DepartmentChange],
        caller: NamedDependency[Caller],
    ) -> DepartmentView:
        return _department(
            await service.rename_department(
                caller.person_id, organisation_id, department_id, data.name
            )
        )

    @delete(
        "/{department_id:uuid}",
        operation_id="CloseDepartment",
        summary="Close an empty department",
        guards=[MANAGED],
    )
    async def close(
        self,
        organisation_id: FromPath[UUID],
        department_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        await service.close_department(caller.person_id, organisation_id, department_id, now=now)


class JoinController(Controller):
    path = _ONE
    tags = ("organisations",)
    guards = (MANAGED,)

    @get("/join-code", operation_id="GetJoinCode", summary="The present join code")
    async def shown(
        self, organisation_id: FromPath[UUID], caller: NamedDependency[Caller]
    ) -> JoinCodeView:
        code, needs_approval = await profiles.join_code(caller.person_id, organisation_id)
        return JoinCodeView(code=code, needs_approval=needs_approval)

    @put("/join-code", operation_id="SetJoinCode", summary="Make a new join code, or close it")
    async def set_code(
        self,
        organisation_id: FromPath[UUID],
        data: JSONBody[JoinCodeWish],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> JoinCodeView:
        """The code before it lets nobody in any more."""
        code = await profiles.set_join_code(
            caller.person_id,
            organisation_id,
            open_=data.open,
            needs_approval=data.needs_approval,
            now=now,
        )
        return JoinCodeView(code=code, needs_approval=data.needs_approval)

    @get("/join-requests", operation_id="ListJoinRequests", summary="Who asks to join")
    async def requests(
        self,
        organisation_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 50,
    ) -> RequestPage:
        found = await service.requests(
            vault, caller.person_id, organisation_id, after=cursor, limit=limit + 1, now=now
        )
        more = found[limit - 1].id if len(found) > limit else None
        return RequestPage(items=found[:limit], next_cursor=more)

    @post(
        "/join-requests/{request_id:uuid}/decision",
        operation_id="DecideJoinRequest",
        summary="Let somebody in, or not",
        status_code=204,
    )
    async def decide(
        self,
        organisation_id: FromPath[UUID],
        request_id: FromPath[UUID],
        data: JSONBody[Decision],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> None:
        await service.decide_request(
            vault,
            caller.person_id,
            organisation_id,
            request_id,
            approve=data.approve,
            now=now,
        )


def _members(found: list[MemberView], limit: int) -> MemberPage:
    more = found[limit - 1].id if len(found) > limit else None
    return MemberPage(items=found[:limit], next_cursor=more)


def _department(row: DepartmentRow) -> DepartmentView:
    return DepartmentView(id=row.id, parent_id=row.parent, depth=row.depth, name=row.name)


ROUTES: list[Any] = [
    MemberController,
    ExpectedController,
    DepartmentController,
    JoinController,
    InvitationController,
    LinkController,
    *mine.ROUTES,
]
