"""Filed rules and commitments over HTTP. The body of a request is the file itself."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.certification_bodies import documents, service
from backend.certification_bodies.schemas import Code, DocumentView
from backend.sent_file import sent_file
from infra.objects import FOREVER, ObjectStore

AnyRequest = Request[Any, Any, Any]
_WORDS = r"^[^\s\x00-\x1f\x7f]+( [^\s\x00-\x1f\x7f]+)*$"
Title = Annotated[str, QueryParameter(min_length=1, max_length=200, pattern=_WORDS)]
Version = Annotated[str, QueryParameter(min_length=1, max_length=32, pattern=r"^[\w.\-/]+$")]
EffectiveFrom = Annotated[date, QueryParameter(name="effectiveFrom")]


class DocumentController(Controller):
    path = "/v1/certification-bodies/{code:str}"
    tags = ("certification bodies",)

    @post(
        "/rules",
        operation_id="FileRule",
        summary="File a version of a body's certification rules",
        guards=[requires(Role.ADMINISTRATOR, whose="any")],
        request_max_body_size=None,
    )
    async def rule(
        self,
        request: AnyRequest,
        code: Code,
        title: Title,
        version: Version,
        effective_from: EffectiveFrom,
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> DocumentView:
        """The body is a PDF, PNG or JPEG of at most 8 MiB."""
        paper = documents.Paper(title, version, effective_from, await sent_file(request))
        return await service.file_rule(
            objects, code, paper, administrator=caller.person_id, now=now
        )

    @post(
        "/commitments",
        operation_id="FileCommitment",
        summary="File a public commitment",
        guards=[requires(whose="certification body they manage")],
        request_max_body_size=None,
    )
    async def commitment(
        self,
        request: AnyRequest,
        code: Code,
        title: Title,
        version: Version,
        effective_from: EffectiveFrom,
        caller: NamedDependency[Caller],
        objects: NamedDependency[ObjectStore],
        now: NamedDependency[datetime],
    ) -> DocumentView:
        """The body is a PDF, PNG or JPEG of at most 8 MiB. 403 `body-not-listed` while the
        register does not list the body."""
        await service.check_may_file(code, caller.person_id, now=now)
        paper = documents.Paper(title, version, effective_from, await sent_file(request))
        return await service.file_commitment(
            objects, code, paper, manager=caller.person_id, now=now
        )

    @get(
        "/documents/{document_id:uuid}",
        operation_id="GetBodyDocument",
        summary="The file itself",
        media_type="application/octet-stream",
    )
    async def file(
        self, code: Code, document_id: FromPath[UUID], objects: NamedDependency[ObjectStore]
    ) -> Response[bytes]:
        """Always as a download: what others filed never runs as a page of ours."""
        found, content = await documents.content(objects, code, document_id)
        suffix = {"application/pdf": "pdf", "image/png": "png"}.get(found.media_type, "jpg")
        headers = {
            "Content-Disposition": f'attachment; filename="{found.kind}-{found.id}.{suffix}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": FOREVER,
            "ETag": f'"{found.sha256}"',
        }
        return Response(content, media_type=found.media_type, headers=headers)


ROUTES: list[Any] = [DocumentController]
