from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.lectures.schemas import Message
from media_pipeline.captions import languages
from media_pipeline.captions.domain import NotRecognised, Origin, Remark, TrackFacts
from media_pipeline.captions.parse import Format
from media_pipeline.captions.service import Put
from media_pipeline.captions.write import cues_of


class RemarkView(msgspec.Struct, frozen=True):
    """Something that was changed or left out, and how often."""

    code: str
    count: int
    message: Message


class CaptionsView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`etag` is what If-Match takes, so that nobody overwrites what he has not seen."""

    lecture_id: UUID
    language: str
    label: str
    origin: Origin
    version: int
    cues: int
    etag: str
    updated_at: datetime | None


class NotRecognisedView(msgspec.Struct, frozen=True, rename="camel"):
    language: str
    label: str
    code: str
    message: Message
    failed_at: datetime


class CaptionsList(msgspec.Struct, frozen=True, rename="camel"):
    """`recognising`: languages whose speech recognition is queued or running; `not_recognised`:
    those in which it ended without captions; `recogniser`: whether it can be asked for here."""

    items: list[CaptionsView]
    recognising: list[str]
    not_recognised: list[NotRecognisedView]
    recogniser: bool


class CaptionsTaken(CaptionsView, frozen=True, kw_only=True, rename="camel"):
    """`changed` is false where the very same captions were there already."""

    format: Format
    encoding: str
    changed: bool
    remarks: list[RemarkView]


class RecognitionView(msgspec.Struct, frozen=True, rename="camel"):
    lecture_id: UUID
    language: str
    state: str


def not_recognised_view(found: NotRecognised) -> NotRecognisedView:
    message = Message(found.zh, found.en)
    label = languages.label(found.language)
    return NotRecognisedView(found.language, label, found.code, message, found.failed_at)


def captions_view(track: TrackFacts) -> CaptionsView:
    return CaptionsView(**_facts(track, len(cues_of(track.vtt))))


def taken_view(put: Put) -> CaptionsTaken:
    return CaptionsTaken(
        **_facts(put.track, put.cues),
        format=put.format,
        encoding=put.encoding,
        changed=put.changed,
        remarks=[_remark_view(remark) for remark in put.remarks],
    )


def _facts(track: TrackFacts, cues: int) -> dict[str, Any]:
    return {
        "lecture_id": track.lecture_id,
        "language": track.language,
        "label": track.label,
        "origin": track.origin,
        "version": track.version,
        "cues": cues,
        "etag": track.etag,
        "updated_at": track.updated_at,
    }


def _remark_view(remark: Remark) -> RemarkView:
    return RemarkView(remark.code, remark.count, Message(remark.zh, remark.en))
