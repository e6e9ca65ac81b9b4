"""What is known of a lecture and of its upload, and the rules of both. No I/O."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

import msgspec

from infra.errors import Conflict, DomainError, Invalid, TooLarge

PART_BYTES = 5 << 20
"""What S3 asks of every part but the last; also what an upload may hold in memory."""
MAX_UPLOAD_BYTES = 10 << 30
UPLOAD_LIFETIME = timedelta(days=7)
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


class UploadTooLarge(TooLarge):
    """The file is larger than 10 GiB; export it at a lower bit rate or cut it into lessons."""

    zh = "文件超过 10 GiB；请降低码率导出，或按课时剪开后分别上传。"


class MoreThanAnnounced(TooLarge):
    """More bytes arrived than Upload-Length announced; start the upload again."""

    zh = "收到的字节数超过 Upload-Length 所声明的长度；请重新开始上传。"


class WrongOffset(Conflict):
    """Upload-Offset is not where this upload stands; ask with HEAD and go on from there."""

    zh = "Upload-Offset 与已接收的位置不符；请先用 HEAD 查询，再从该处继续。"


class TakenOver(Conflict):
    """Another request goes on with this upload; ask with HEAD before sending more."""

    zh = "另一请求已接续此上传；请先用 HEAD 查询，再继续发送。"


class NothingLeftToStop(Conflict):
    """The upload is complete or was refused; there is nothing left to stop."""

    zh = "上传已完成或已被拒绝，无需终止。"


class UploadGone(DomainError):
    """This upload was refused, stopped or left alone for too long; start a new one."""

    status_code: ClassVar[int] = 410
    zh = "此上传已被拒绝、终止或因长时间未继续而失效；请重新上传。"


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


class UploadFacts(msgspec.Struct, frozen=True, kw_only=True):
    """`received` bytes are stored for good: whole parts, then a tail shorter than a part."""

    id: UUID
    length: int
    received: int
    multipart: str
    etags: list[str]
    expires_at: datetime
    state: State

    @property
    def object_name(self) -> str:
        return incoming_name(self.id)

    @property
    def whole(self) -> bool:
        return self.received == self.length and self.state is not State.UPLOADING

    @property
    def stored_in_parts(self) -> int:
        return len(self.etags) * PART_BYTES

    @property
    def tail_bytes(self) -> int:
        return 0 if self.whole else self.received - self.stored_in_parts

    @property
    def tail_name(self) -> str:
        """Named by its end: bytes under one name never change, whoever is late in storing them."""
        return f"{self.object_name}.tail-{self.received}"


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


def check_announced(length: int) -> None:
    if length > MAX_UPLOAD_BYTES:
        raise UploadTooLarge


def check_open(upload: UploadFacts, *, now: datetime) -> None:
    if upload.state is State.UPLOADING and now >= upload.expires_at:
        raise UploadGone
    if upload.state is State.FAILED and upload.received < upload.length:
        raise UploadGone
