"""tus 1.0 at /v1/uploads: creation, creation-with-upload, checksum, expiration, termination."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, Request, Response, delete, patch, post, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.exceptions import InternalServerException
from litestar.params import FromPath

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.lectures import tus, tus_docs
from backend.problems import problem
from infra.errors import DomainError
from infra.objects import ObjectStore
from infra.settings import Settings
from media_pipeline.uploading import service
from media_pipeline.uploading.domain import (
    GIB,
    ChecksumMismatch,
    Limits,
    PartsDamaged,
    TakenOver,
    WrongOffset,
)

AnyRequest = Request[Any, Any, Any]
SILENCE_SECONDS = 60


def _tus_problem(request: AnyRequest, error: DomainError) -> Response[dict[str, object]]:
    error.headers.setdefault("Tus-Resumable", tus.VERSION)
    return problem(request, error)


class Body:
    """The body as it comes. A line that breaks or falls silent ends it: what came is kept.

    `deserted`: nobody is there any more to read the answer.
    """

    def __init__(self, request: AnyRequest) -> None:
        self.deserted = False
        self._stream = request.stream()

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            while True:
                async with asyncio.timeout(SILENCE_SECONDS):
                    chunk = await anext(self._stream)
                yield chunk
        except (StopAsyncIteration, TimeoutError):
            return
        except InternalServerException:  # Litestar's word for a client that went away
            self.deserted = True


def _limits(settings: Settings) -> Limits:
    return Limits(settings.author_quota_gb * GIB, settings.author_open_uploads)


class UploadController(Controller):
    path = "/v1/uploads"
    tags = ["lectures"]  # noqa: RUF012  Litestar's attribute
    exception_handlers = {DomainError: _tus_problem}  # noqa: RUF012

    @route(
        "/",
        http_method=[HttpMethod.OPTIONS],
        operation_id="DescribeUploads",
        operation_class=tus_docs.Announcing,
        status_code=204,
    )
    async def announce(self) -> Response[None]:
        """What of tus is spoken here."""
        # Sorts before `create`: Litestar takes handlers by name and adds its own OPTIONS to a path
        # whose first handler has none.
        return Response(None, headers=tus.HELLO)

    @post(
        "/",
        operation_id="CreateUpload",
        operation_class=tus_docs.Creating,
        status_code=201,
        guards=[requires(Role.AUTHOR, whose="own")],
        request_max_body_size=None,
    )
    async def create(
        self,
        request: AnyRequest,
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        settings: NamedDependency[Settings],
        now: NamedDependency[datetime],
    ) -> Response[None]:
        """A new upload, and its first bytes where some come along."""
        tus.check_version(request.headers)
        named, checksum = tus.metadata(request.headers), tus.checksum(request.headers)
        upload = await service.open_upload(
            objects,
            author_id=caller.person_id,
            title=named.get("title", ""),
            filename=named.get("filename", ""),
            length=tus.announced_length(request.headers),
            now=now,
            limits=_limits(settings),
            wishes=tus.wishes(named),
        )
        if tus.carries_bytes(request.headers):
            body = Body(request)
            upload = await service.receive_first(
                objects,
                upload,
                body.chunks(),
                author_id=caller.person_id,
                now=now,
                checksum=checksum,
            )
            if body.deserted:  # nobody will ever learn its address
                await service.stop_upload(objects, upload.id, author_id=caller.person_id)
        location = {"Location": f"/v1/uploads/{upload.id}"}
        return Response(None, headers={**tus.standing(upload), **location})

    @route(
        "/{upload_id:uuid}",
        http_method=[HttpMethod.HEAD],
        operation_id="FindUpload",
        operation_class=tus_docs.Finding,
        status_code=200,
        guards=[requires(Role.AUTHOR, whose="own")],
    )
    async def find(
        self,
        request: AnyRequest,
        upload_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> Response[None]:
        """Where an upload stands."""
        tus.check_version(request.headers)
        upload = await service.open_upload_of(upload_id, author_id=caller.person_id, now=now)
        return Response(None, headers=tus.standing(upload))

    @patch(
        "/{upload_id:uuid}",
        operation_id="ContinueUpload",
        operation_class=tus_docs.Continuing,
        status_code=204,
        guards=[requires(Role.AUTHOR, whose="own")],
        request_max_body_size=None,
    )
    async def resume(
        self,
        request: AnyRequest,
        upload_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> Response[None]:
        """More bytes. What came before a cut line counts, unless they were to be checked."""
        tus.check_version(request.headers)
        if not tus.carries_bytes(request.headers):
            raise tus.BytesTypeNeeded
        try:
            upload = await service.receive(
                objects,
                upload_id,
                Body(request).chunks(),
                author_id=caller.person_id,
                offset=tus.claimed_offset(request.headers),
                now=now,
                checksum=tus.checksum(request.headers),
            )
        except (ChecksumMismatch, PartsDamaged, TakenOver, WrongOffset) as error:
            # The upload goes on from elsewhere; it says from where, and until when.
            standing = await service.upload_of(upload_id, author_id=caller.person_id)
            error.headers.update(tus.standing(standing))
            raise
        return Response(None, headers=tus.standing(upload))

    @delete(
        "/{upload_id:uuid}",
        operation_id="StopUpload",
        operation_class=tus_docs.Stopping,
        status_code=204,
        guards=[requires(Role.AUTHOR, whose="own")],
    )
    async def stop(
        self,
        request: AnyRequest,
        upload_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
    ) -> Response[None]:
        """Gives an unfinished upload up; what came of it is removed."""
        tus.check_version(request.headers)
        await service.stop_upload(objects, upload_id, author_id=caller.person_id)
        return Response(None, headers={"Tus-Resumable": tus.VERSION})
