"""What is known of a lecture, and its rules. No I/O."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from infra.errors import DomainError, Invalid

PROCESS = "media.process"
"""The job that makes an uploaded lecture playable."""
TASK = "media.task"
"""The job that does one part of a long lecture: a chunk of pictures, the sound, the join."""
MAX_STARTS = 3
PATIENCE = 4
"""A lecture lets others pass for this many times its own length, then it has waited enough."""
GUESSED_RATE = 250_000
"""Bytes a second of a file whose length nobody has measured yet."""
_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


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


class Lack(msgspec.Struct, frozen=True):
    """What a machine lacks while a lecture stands still; passes without anybody's doing."""

    code: str
    zh: str
    en: str

    @classmethod
    def of(cls, error: DomainError) -> "Lack":
        return cls(error.code, error.zh, str(error))


class RenditionFacts(msgspec.Struct, frozen=True):
    name: str
    width: int | None
    height: int | None
    bandwidth: int


class Shortcoming(msgspec.Struct, frozen=True):
    """A rule that a package should keep and does not: how often, and where and what first."""

    rule: str
    count: int
    where: str
    what: str


class Published(msgspec.Struct, frozen=True, rename="camel"):
    """The part of a package's manifest that its row repeats; the whole lies beside the files."""

    duration: float
    master: str
    poster: str
    renditions: tuple[RenditionFacts, ...]
    format: int = 1
    shortcomings: tuple[Shortcoming, ...] = ()


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
    def work_prefix(self) -> str:
        """Where its tasks leave what they made for one another."""
        return work_folder(self.id)

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


def work_folder(attempt_id: UUID) -> str:
    return f"work/{attempt_id}/"


def guessed_seconds(length: int) -> float:
    """Of a file of `length` bytes."""
    return length / GUESSED_RATE


def priority(queued_at: datetime, seconds: float) -> int:
    """Of the jobs of a lecture that lasts `seconds`, higher first: minus the second at which it
    has waited enough. So a short lecture passes a long one, and a long one does not wait for
    ever: what comes later than PATIENCE times its length stands behind it. All jobs age alike,
    hence the number never has to change."""
    waited_enough = queued_at + timedelta(seconds=PATIENCE * seconds)
    return -int((waited_enough - _FIRST_DAY) / timedelta(seconds=1))


def whole_seconds(duration: float) -> int:
    """Seconds that can be watched from beginning to end: the last, broken one does not count."""
    return max(1, int(duration))
