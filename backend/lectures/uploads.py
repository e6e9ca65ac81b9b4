"""tus 1.0 at /v1/uploads: creation, creation-with-upload, termination, expiration."""

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
from backend.lectures import tus
from backend.problems import problem
from infra.errors import DomainError
from infra.objects import ObjectStore
from media_pipeline.uploading import service

AnyRequest = Request[Any, Any, Any]
SILENCE_SECONDS = 60


def _tus_problem(request: AnyRequest, error: DomainError) -> Response[dict[str, object]]:
    error.headers.setdefault("Tus-Resumable", tus.VERSION)
    return problem(request, error)


async def _bytes_of(request: AnyRequest) -> AsyncIterator[bytes]:
    """The body as it comes. A line that breaks or falls silent ends it: what came is kept."""
    stream = request.stream()
    try:
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                chunk = await anext(stream)
            yield chunk
    except (StopAsyncIteration, TimeoutError):
        return
    except InternalServerException:  # Litestar's word for a client that went away
        return


class UploadController(Controller):
    path = "/v1/uploads"
    tags = ["lectures"]  # noqa: RUF012  Litestar's attribute
    exception_handlers = {DomainError: _tus_problem}  # noqa: RUF012

    @route(
        "/",
        http_method=[HttpMethod.OPTIONS],
        operation_id="DescribeUploads",
        status_code=204,
    )
    async def announce(self) -> Response[None]:
        """Sorts before `create`: Litestar takes handlers by name and adds its own OPTIONS to a
        path whose first handler has none."""
        return Response(None, headers=tus.HELLO)

    @post(
        "/",
        operation_id="CreateUpload",
        status_code=201,
        guards=[requires(Role.AUTHOR)],
        request_max_body_size=None,
    )
    async def create(
        self,
        request: AnyRequest,
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> Response[None]:
        tus.check_version(request.headers)
        named = tus.metadata(request.headers)
        upload = await service.open_upload(
            objects,
            author_id=caller.person_id,
            title=named.get("title", ""),
            filename=named.get("filename", ""),
            length=tus.announced_length(request.headers),
            now=now,
        )
        if tus.carries_bytes(request.headers):
            upload = await service.receive(
                objects,
                upload.id,
                _bytes_of(request),
                author_id=caller.person_id,
                offset=0,
                now=now,
            )
        location = {"Location": f"/v1/uploads/{upload.id}"}
        return Response(None, headers={**tus.standing(upload), **location})

    @route(
        "/{upload_id:uuid}",
        http_method=[HttpMethod.HEAD],
        operation_id="FindUpload",
        status_code=200,
        guards=[requires(Role.AUTHOR)],
    )
    async def find(
        self,
        request: AnyRequest,
        upload_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> Response[None]:
        tus.check_version(request.headers)
        upload = await service.open_upload_of(upload_id, author_id=caller.person_id, now=now)
        return Response(None, headers=tus.standing(upload))

    @patch(
        "/{upload_id:uuid}",
        operation_id="ContinueUpload",
        status_code=204,
        guards=[requires(Role.AUTHOR)],
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
        tus.check_version(request.headers)
        if not tus.carries_bytes(request.headers):
            raise tus.BytesTypeNeeded
        upload = await service.receive(
            objects,
            upload_id,
            _bytes_of(request),
            author_id=caller.person_id,
            offset=tus.claimed_offset(request.headers),
            now=now,
        )
        return Response(None, headers=tus.standing(upload))

    @delete(
        "/{upload_id:uuid}",
        operation_id="StopUpload",
        status_code=204,
        guards=[requires(Role.AUTHOR)],
    )
    async def stop(
        self,
        request: AnyRequest,
        upload_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
    ) -> Response[None]:
        tus.check_version(request.headers)
        await service.stop_upload(objects, upload_id, author_id=caller.person_id)
        return Response(None, headers={"Tus-Resumable": tus.VERSION})
