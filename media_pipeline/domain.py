"""What is known of a lecture, and its rules. No I/O."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from infra.errors import DomainError, Invalid

PROCESS = "media.process"
"""The job that makes an uploaded lecture playable."""
MAX_STARTS = 3


class State(StrEnum):
    UPLOADING = "uploading"
    QUEUED = "queued"
    PROCESSING = "processing"
    PLAYABLE = "playable"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        return self in (State.PLAYABLE, State.FAILED)


class GaveUp(Invalid):
    """Encoding was cut off three times; export the video again and upload it."""

    zh = "编码三次中断；请重新导出视频后再上传。"


class Failure(msgspec.Struct, frozen=True):
    """`retryable`: the upload is kept, because the same file may pass another day."""

    code: str
    zh: str
    en: str
    retryable: bool = False

    @classmethod
    def of(cls, error: DomainError) -> "Failure":
        return cls(error.code, error.zh, str(error))

    @classmethod
    def of_machine(cls, fault: DomainError) -> "Failure":
        """The last of several: what the fault itself says of trying again no longer holds."""
        return cls(
            fault.code,
            zh="系统三次处理均未成功，并非文件的问题；文件已保留，请联系平台管理员。",
            en="Processing failed three times on our side; your file is kept: tell the operator.",
            retryable=True,
        )


class RenditionFacts(msgspec.Struct, frozen=True):
    name: str
    width: int | None
    height: int | None
    bandwidth: int


class Published(msgspec.Struct, frozen=True, rename="camel"):
    """The part of a package's manifest that its row repeats; the whole lies beside the files."""

    duration: float
    master: str
    poster: str
    renditions: tuple[RenditionFacts, ...]


class LectureFacts(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    author_id: UUID
    title: str
    created_at: datetime
    state: State
    step: str | None
    percent: int
    failure: Failure | None
    package_prefix: str | None
    manifest: Published | None
    duration_seconds: int | None


class Attempt(msgspec.Struct, frozen=True):
    """One beginning of the work on a lecture; `number` counts from 1."""

    id: UUID
    lecture_id: UUID
    number: int

    @property
    def prefix(self) -> str:
        return f"{lecture_folder(self.lecture_id)}{self.id}/"

    @property
    def last(self) -> bool:
        return self.number >= MAX_STARTS

    @property
    def pause(self) -> timedelta:
        """How long to wait before the next attempt: machines heal, but not at once."""
        return timedelta(seconds=10 * 3 ** (self.number - 1))


def incoming_name(lecture_id: UUID) -> str:
    return f"incoming/{lecture_id}"


def lecture_folder(lecture_id: UUID) -> str:
    return f"lectures/{lecture_id}/"


def whole_seconds(duration: float) -> int:
    """Seconds that can be watched from beginning to end: the last, broken one does not count."""
    return max(1, int(duration))
