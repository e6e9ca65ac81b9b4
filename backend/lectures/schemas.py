from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.lectures.service import poster_address
from infra.objects import ObjectStore
from media_pipeline.care.standing import Standing
from media_pipeline.domain import Failure, Lack, State
from media_pipeline.packaging.advice import advice_on


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


class DegradedView(msgspec.Struct, frozen=True):
    """An optional part that is missing: a rung's name, `storyboard`, `offline`."""

    part: str
    message: Message


class AdviceView(msgspec.Struct, frozen=True):
    """A recommendation for players that the lecture does not meet; it plays all the same."""

    rule: str
    message: Message


class WishesView(msgspec.Struct, frozen=True):
    av1: bool
    encrypt: bool


class LectureView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`waiting`: what a machine lacks while the work stands still; it goes on by itself.
    `behind`: how many lectures come first while this one is queued. `remaining_seconds` is None
    before there is a basis. `retryable`: the same file may pass if it is tried again."""

    id: UUID
    title: str
    state: State
    step: str | None
    percent: int
    remaining_seconds: int | None
    behind: int | None
    waiting: FailureView | None
    failure: FailureView | None
    retryable: bool
    degraded: tuple[DegradedView, ...]
    advice: tuple[AdviceView, ...]
    wishes: WishesView
    shared_content: bool
    duration_seconds: int | None
    created_at: datetime
    renditions: tuple[RenditionView, ...]
    poster_url: str | None


class LectureTitle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]


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


def lecture_view(lecture: Standing, objects: ObjectStore, now: datetime) -> LectureView:
    published = lecture.manifest
    return LectureView(
        id=lecture.id,
        title=lecture.title,
        state=lecture.state,
        step=lecture.step,
        percent=lecture.overall_percent,
        remaining_seconds=lecture.remaining_seconds(now),
        behind=lecture.behind,
        waiting=_said(lecture.waiting_for),
        failure=_said(lecture.failure),
        retryable=lecture.retryable,
        degraded=tuple(
            DegradedView(found.part, Message(found.zh, found.en)) for found in lecture.degraded
        ),
        advice=tuple(_advice(found.rule) for found in lecture.shortcomings),
        wishes=WishesView(lecture.wishes.av1, lecture.wishes.encrypt),
        shared_content=lecture.shared,
        duration_seconds=lecture.duration_seconds,
        created_at=lecture.created_at,
        renditions=tuple(
            RenditionView(found.name, found.width, found.height, found.bandwidth)
            for found in (published.renditions if published else ())
        ),
        poster_url=poster_address(objects, lecture),
    )


def _advice(rule: str) -> AdviceView:
    said = advice_on(rule)
    return AdviceView(rule, Message(said.zh, said.en))


def _said(why: Failure | Lack | None) -> FailureView | None:
    return FailureView(why.code, Message(why.zh, why.en)) if why else None
