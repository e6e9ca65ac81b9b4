"""Taking lectures along, handing in what was done offline, and what changed meanwhile."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.lectures import service as lectures
from backend.progress import service
from backend.progress.offline import changes as sync
from backend.progress.offline import leases, sent
from backend.progress.offline import service as offline_sync
from backend.progress.offline.openapi import HandInOperation
from backend.progress.offline.schemas import (
    Changes,
    LeaseGiven,
    LeaseRequest,
    LeaseView,
    SyncVerdicts,
)
from infra.objects import ObjectStore
from infra.settings import Settings
from infra.vault import Vault

_LEARNER = [requires(Role.LEARNER, whose="own")]


class LeaseController(Controller):
    path = "/v1/download-leases"
    guards = _LEARNER
    tags = ["progress"]  # noqa: RUF012  as Litestar declares it

    @post(
        operation_id="LeaseDownload",
        summary="Take a lesson along so that watching it offline counts; again renews it",
        status_code=200,
    )
    async def give(
        self,
        data: JSONBody[LeaseRequest],
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        vault: NamedDependency[Vault],
        settings: NamedDependency[Settings],
        now: NamedDependency[datetime],
    ) -> Response[LeaseGiven]:
        lecture = await service.lecture_to_take_along(
            caller.person_id, data.enrolment_id, data.lesson
        )
        listed = await lectures.take_along(
            objects,
            vault,
            lecture,
            caller=caller,
            enrolment_id=data.enrolment_id,
            lesson_code=data.lesson,
            now=now,
        )
        lease, manifest = await leases.give(
            listed, data.device_id, lecture, days=settings.offline_lease_days, now=now
        )
        given = LeaseGiven(lease, lectures.sign_manifest(manifest, settings.keys))
        return Response(given, headers={"Cache-Control": "no-store"})

    @delete(
        "/{lease_id:uuid}",
        operation_id="RevokeDownloadLease",
        summary="End a lease: what was watched before still counts, nothing after",
        status_code=200,
    )
    async def revoke(
        self,
        lease_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> LeaseView:
        return await leases.revoke(caller.person_id, lease_id, now=now)


class SyncController(Controller):
    path = "/v1/sync"
    guards = _LEARNER
    tags = ["progress"]  # noqa: RUF012  as Litestar declares it

    @post(
        operation_id="HandInOffline",
        summary="Hand in what was done offline; a verdict an event, again gives no second credit",
        status_code=200,
        request_max_body_size=sent.LARGEST_BODY,
        operation_class=HandInOperation,
    )
    async def hand_in(
        self,
        request: Request[Any, Any, Any],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> SyncVerdicts:
        handed = sent.read(await request.body())
        verdicts = await offline_sync.hand_in(caller.person_id, handed.done, now=now)
        return handed.with_unreadable(verdicts)

    @get(
        operation_id="Changes",
        summary="What of mine changed since a cursor; whole rows, some may come twice",
    )
    async def changes(
        self,
        caller: NamedDependency[Caller],
        since: Annotated[str | None, QueryParameter(max_length=80, pattern=r"^[0-9.-]*$")] = None,
    ) -> Response[Changes]:
        found = await sync.changes(caller.person_id, since)
        return Response(found, headers={"Cache-Control": "no-store"})


ROUTES: list[Any] = [LeaseController, SyncController]
