"""An organisation's records on paper, for its managers."""

from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from backend.accounts.domain import Caller
from backend.organisations.guards import MANAGED
from backend.organisations.prints import service
from backend.organisations.prints.schemas import PrintsList, PrintsView, PrintsWish
from infra.objects import ObjectStore
from infra.vault import Vault


class PrintsController(Controller):
    path = "/v1/organisations/{organisation_id:uuid}/prints"
    guards = (MANAGED,)
    tags = ("organisations",)

    @post(
        operation_id="PrintRecords",
        summary="Print the records of all who are done with an assignment, as one ZIP",
        status_code=202,
    )
    async def ask(
        self,
        organisation_id: FromPath[UUID],
        data: JSONBody[PrintsWish],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> PrintsView:
        """The newest record in force of each present member. One file at a time: 409 while
        another is being made. Each of these people may read of it."""
        return await service.ask(caller.person_id, organisation_id, data, now=now)

    @get(operation_id="ListPrints", summary="Files of printed records, newest first; for a day")
    async def prints(
        self,
        organisation_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> PrintsList:
        return PrintsList(await service.mine(caller.person_id, organisation_id, now=now))

    @get("/{batch_id:uuid}/file", operation_id="FetchPrints", summary="The ZIP of PDFs itself")
    async def fetch(
        self,
        organisation_id: FromPath[UUID],
        batch_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> Stream:
        found = await service.fetch(
            objects, vault, caller.person_id, organisation_id, batch_id, now=now
        )
        named = f"filename=\"records.zip\"; filename*=UTF-8''{quote(found.name, safe='')}"
        headers = {
            "Content-Disposition": f"attachment; {named}",
            "Content-Length": str(found.size),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return Stream(found.content, media_type="application/zip", headers=headers)


ROUTES: list[Any] = [PrintsController]
