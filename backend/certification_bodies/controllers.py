"""The register of certification bodies over HTTP: read by anyone, kept by administrators."""

from datetime import date, datetime
from typing import Annotated, Any

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, QueryParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.certification_bodies import auditor_routes, document_routes, service
from backend.certification_bodies.domain import shanghai_day
from backend.certification_bodies.schemas import (
    BodyList,
    BodyPage,
    BodyRights,
    Code,
    NewBody,
    NewEntry,
)

_KEEPERS = requires(Role.ADMINISTRATOR, whose="any")
AsAt = Annotated[date | None, QueryParameter(name="asAt", description="A day, Asia/Shanghai.")]
KnownAt = Annotated[
    datetime | None,
    QueryParameter(name="knownAt", description="As it stood then; a minute back or more."),
]
Limit = Annotated[int, QueryParameter(ge=1, le=100)]
After = Annotated[str, QueryParameter(max_length=18, pattern="^[0-9A-Z]*$")]


class RegisterController(Controller):
    path = "/v1/certification-bodies"
    tags = ("certification bodies",)

    @get("/", operation_id="ListCertificationBodies", summary="The register as at a day")
    async def all(
        self,
        now: NamedDependency[datetime],
        as_at: AsAt = None,
        known_at: KnownAt = None,
        cursor: After = "",
        limit: Limit = 50,
    ) -> BodyList:
        """Without `knownAt`: as known now. A later correction never changes an answer with it."""
        return await service.bodies(as_at, known_at, cursor=cursor, limit=limit, now=now)

    @get("/{code:str}", operation_id="GetCertificationBody", summary="One body")
    async def one(
        self,
        code: Code,
        now: NamedDependency[datetime],
        as_at: AsAt = None,
        known_at: KnownAt = None,
    ) -> BodyPage:
        return await service.body_page(code, as_at, known_at, now=now)

    @post(
        "/",
        operation_id="EnterCertificationBody",
        summary="List an organisation as a filed body",
        guards=[_KEEPERS],
    )
    async def enter(
        self,
        data: JSONBody[NewBody],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> BodyPage:
        code = await service.enter_body(data, administrator=caller.person_id, now=now)
        return await service.body_page(code, None, None, now=now)

    @post(
        "/{code:str}/register-entries",
        operation_id="AddRegisterEntry",
        summary="Suspend, remove, list again, or correct an entry",
        guards=[_KEEPERS],
    )
    async def add(
        self,
        code: Code,
        data: JSONBody[NewEntry],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> BodyPage:
        await service.add_entry(code, data, administrator=caller.person_id, now=now)
        return await service.body_page(code, None, None, now=now)


@get(
    "/v1/me/body-rights",
    operation_id="MyBodyRights",
    summary="What the register says of the bodies I work for",
    tags=["certification bodies"],
    guards=[requires(whose="own")],
)
async def my_rights(
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    on: FromQuery[date | None] = None,
) -> BodyRights:
    return await service.rights_of(caller.person_id, on=on or shanghai_day(now))


ROUTES: list[Any] = [
    RegisterController,
    my_rights,
    *auditor_routes.ROUTES,
    *document_routes.ROUTES,
]
