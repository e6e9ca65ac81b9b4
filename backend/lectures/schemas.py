from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.lectures.service import poster_address
from infra.objects import ObjectStore
from media_pipeline.domain import LectureFacts, State


class Message(msgspec.Struct, frozen=True):
    zh: str
    en: str


class FailureView(msgspec.Struct, frozen=True):
    code: str
    message: Message


class RenditionView(msgspec.Struct, frozen=True, rename="camel"):
    """Pixels, bits a second; no size where it is sound alone."""

    name: str
    width: int | None
    height: int | None
    bandwidth: int


class LectureView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    id: UUID
    title: str
    state: State
    step: str | None
    percent: int
    failure: FailureView | None
    duration_seconds: int | None
    created_at: datetime
    renditions: tuple[RenditionView, ...]
    poster_url: str | None


class LectureList(msgspec.Struct, frozen=True, rename="camel"):
    items: list[LectureView]
    next_cursor: UUID | None


class LectureChoice(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    lecture_id: UUID
    demonstration: bool = False


class LessonLectureView(msgspec.Struct, frozen=True, rename="camel"):
    lesson: str
    lecture_id: UUID
    duration_seconds: int


LessonCode = Annotated[str, msgspec.Meta(pattern=r"^M\d\d-L\d\d$", max_length=16)]


def lecture_view(lecture: LectureFacts, objects: ObjectStore) -> LectureView:
    failure, published = lecture.failure, lecture.manifest
    return LectureView(
        id=lecture.id,
        title=lecture.title,
        state=lecture.state,
        step=lecture.step,
        percent=lecture.percent,
        failure=None
        if failure is None
        else FailureView(failure.code, Message(failure.zh, failure.en)),
        duration_seconds=lecture.duration_seconds,
        created_at=lecture.created_at,
        renditions=tuple(
            RenditionView(found.name, found.width, found.height, found.bandwidth)
            for found in (published.renditions if published else ())
        ),
        poster_url=poster_address(objects, lecture),
    )
