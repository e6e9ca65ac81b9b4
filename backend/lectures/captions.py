"""Authors put, look at and remove the captions of their lectures; learners' part is the player's
playlists (`media_pipeline.captions.hls`) and the transcripts of the curriculum."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from litestar import Controller, Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException
from litestar.params import FromPath, FromQuery, PathParameter, QueryParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.lectures.captions_schemas import (
    CaptionsList,
    CaptionsTaken,
    RecognitionView,
    captions_view,
    not_recognised_view,
    taken_view,
)
from infra.errors import DomainError
from infra.settings import Settings
from media_pipeline.captions import jobs, service, write
from media_pipeline.captions.conditions import Condition
from media_pipeline.captions.domain import FILE_BYTES, TrackFacts
from media_pipeline.captions.errors import CaptionsEmpty, CaptionsTooLarge

AnyRequest = Request[Any, Any, Any]
Tag = Annotated[str, PathParameter(max_length=35, description="BCP 47, such as zh-Hans")]
VTT, SRT = "text/vtt", "application/x-subrip; charset=utf-8"
_SRT_MARK = "-srt"


class FileItselfNeeded(DomainError):
    """Send the captions file itself as the body (curl --data-binary @file.srt), not a form."""

    status_code: ClassVar[int] = 415
    zh = "请以字幕文件本身作为请求体（curl --data-binary @file.srt），不要使用表单。"


class CaptionsController(Controller):
    path = "/v1/lectures/{lecture_id:uuid}/captions"
    tags = ["lectures"]  # noqa: RUF012  Litestar's attribute
    guards = [requires(Role.AUTHOR, whose="own")]  # noqa: RUF012

    @get("/", operation_id="ListCaptions")
    async def list_all(
        self,
        lecture_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        settings: NamedDependency[Settings],
    ) -> CaptionsList:
        found = await service.tracks_of_author(lecture_id, author_id=caller.person_id)
        return CaptionsList(
            [captions_view(track) for track in found],
            await jobs.asked_for(lecture_id),
            [not_recognised_view(one) for one in await jobs.failures(lecture_id)],
            recogniser=bool(settings.transcriber.strip()),
        )

    @get("/{language:str}", operation_id="GetCaptions")
    async def one(
        self,
        request: AnyRequest,
        lecture_id: FromPath[UUID],
        language: Tag,
        caller: NamedDependency[Caller],
        shape: Annotated[str | None, QueryParameter(name="format", pattern="^(vtt|srt)$")] = None,
    ) -> Response[str]:
        """As WebVTT, or as SRT where `format` or Accept says so."""
        track = await service.track_of_author(lecture_id, language, author_id=caller.person_id)
        return _file(track, srt=_wants_srt(shape, request.headers))

    @put(
        "/{language:str}",
        operation_id="PutCaptions",
        status_code=200,
        request_max_body_size=None,
    )
    async def put(
        self,
        request: AnyRequest,
        lecture_id: FromPath[UUID],
        language: Tag,
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
        label: FromQuery[str | None] = None,
    ) -> Response[CaptionsTaken]:
        """The body is an SRT, WebVTT or ASS/SSA file of at most 2 MiB. If-Match with an ETag
        replaces only what the caller has seen; If-None-Match: * only makes new captions."""
        taken = await service.put_track(
            lecture_id,
            language,
            await _body(request),
            author_id=caller.person_id,
            label=label,
            condition=_condition(request.headers),
            now=now,
        )
        return Response(
            taken_view(taken),
            status_code=201 if taken.created else 200,
            headers={"ETag": taken.track.etag},
        )

    @delete("/{language:str}", operation_id="RemoveCaptions", status_code=204)
    async def remove(
        self,
        request: AnyRequest,
        lecture_id: FromPath[UUID],
        language: Tag,
        caller: NamedDependency[Caller],
    ) -> None:
        await service.remove_track(
            lecture_id,
            language,
            author_id=caller.person_id,
            condition=_condition(request.headers),
        )

    @post("/{language:str}/recognition", operation_id="RecogniseCaptions", status_code=202)
    async def recognise(
        self,
        lecture_id: FromPath[UUID],
        language: Tag,
        caller: NamedDependency[Caller],
        settings: NamedDependency[Settings],
    ) -> RecognitionView:
        """Has the instance's speech recogniser write captions, where there is one."""
        tag = await jobs.ask(
            lecture_id, language, author_id=caller.person_id, transcriber=settings.transcriber
        )
        return RecognitionView(lecture_id, tag, "queued")


async def _body(request: AnyRequest) -> bytes:
    """Bounded, whatever Content-Length says."""
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        raise FileItselfNeeded
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > FILE_BYTES:
                raise CaptionsTooLarge
    except InternalServerException as error:  # Litestar's word for a client that went away
        raise CaptionsEmpty from error
    return bytes(content)


def _condition(headers: Mapping[str, str]) -> Condition:
    """RFC 9110 §13.1: tags compare strongly, so a weak one fits nothing."""
    wanted = headers.get("if-match")
    tags = (
        None
        if wanted is None
        else frozenset(tag.strip().replace(f'{_SRT_MARK}"', '"') for tag in wanted.split(","))
    )
    return Condition(tags, nothing=headers.get("if-none-match", "").strip() == "*")


def _wants_srt(shape: str | None, headers: Mapping[str, str]) -> bool:
    accepted = headers.get("accept", "").lower()
    return shape == "srt" or (
        shape is None and "application/x-subrip" in accepted and "text/vtt" not in accepted
    )


def _file(track: TrackFacts, *, srt: bool) -> Response[str]:
    """Each format is a representation of its own, so it has a tag of its own."""
    text = write.srt(write.cues_of(track.vtt)) if srt else track.vtt
    tag = track.etag.removesuffix('"') + (_SRT_MARK if srt else "") + '"'
    name = f"captions.{track.language}.{'srt' if srt else 'vtt'}"
    return Response(
        text,
        media_type=SRT if srt else VTT,
        headers={
            "ETag": tag,
            "Vary": "Accept",
            "Cache-Control": "private, no-cache",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


ROUTES: list[Any] = [CaptionsController]
