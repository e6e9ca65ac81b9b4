"""What is known of an upload, and its rules. No I/O."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from infra.errors import Conflict, DomainError, Forbidden, TooLarge
from media_pipeline.domain import State, incoming_name

PART_BYTES = 5 << 20
"""What S3 asks of every part but the last."""
MAX_UPLOAD_BYTES = 10 << 30
UPLOAD_LIFETIME = timedelta(days=7)
GIB = 1 << 30


class Algorithm(StrEnum):
    """Of a request's checksum. MD5 and SHA-1 guard against broken lines, not against people."""

    SHA256 = "sha256"
    SHA1 = "sha1"
    MD5 = "md5"

    @property
    def digest_size(self) -> int:
        return self.begin().digest_size  # type: ignore[no-any-return]

    def begin(self) -> Any:
        """A hash of hashlib's kind."""
        return hashlib.new(self, usedforsecurity=False)


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


class ChecksumMismatch(DomainError):
    """The bytes are not those of Upload-Checksum; none of this request count, send it again."""

    status_code: ClassVar[int] = 460
    zh = "收到的数据与 Upload-Checksum 不符；本次请求的数据未计入，请重新发送。"


class PartsDamaged(Conflict):
    """Parts in the store are not the ones we stored; ask with HEAD and send from there again."""

    zh = "对象存储中的分片与记录不符；请先用 HEAD 查询，再从该处重新发送。"


class QuotaUsedUp(TooLarge):
    """Your uploads would take more than your quota; remove lectures or ask for more room."""

    zh = "您的上传总量将超过配额；请清理课程视频或申请扩容。"

    @classmethod
    def of(cls, *, used: int, length: int, allowed: int) -> "QuotaUsedUp":
        return cls(
            f"Your uploads hold {_gib(used)} of {_gib(allowed)} GiB and this file needs"
            f" {_gib(length)} GiB more; stop uploads that you no longer need, export the file at a"
            " lower bit rate, or ask the operator for more room.",
            zh=f"您的上传已占用 {_gib(used)} GiB（配额 {_gib(allowed)} GiB），此文件还需"
            f" {_gib(length)} GiB；请终止不再需要的上传、降低码率后导出，或联系平台管理员扩容。",
        )


class TooManyOpenUploads(Forbidden):
    """Too many of your uploads are unfinished; finish or stop one of them first."""

    zh = "您有过多未完成的上传；请先完成或终止其中之一。"

    @classmethod
    def of(cls, *, unfinished: int, allowed: int) -> "TooManyOpenUploads":
        return cls(
            f"{unfinished} of your uploads are unfinished and {allowed} are allowed; finish or stop"
            " one of them first (those left alone for seven days end by themselves).",
            zh=f"您有 {unfinished} 个上传尚未完成（上限 {allowed} 个）；请先完成或终止其中之一"
            "（连续七天未继续的上传会自动失效）。",
        )


class UploadGone(DomainError):
    """This upload was refused, stopped or left alone for too long; start a new one."""

    status_code: ClassVar[int] = 410
    zh = "此上传已被拒绝、终止或因长时间未继续而失效；请重新上传。"


class Checksum(msgspec.Struct, frozen=True):
    """What all bytes of one request must hash to."""

    algorithm: Algorithm
    digest: bytes


class Limits(msgspec.Struct, frozen=True):
    """What one author may have: bytes of unfinished and kept uploads, unfinished uploads."""

    bytes: int = 200 * GIB
    open_uploads: int = 20


class Usage(msgspec.Struct, frozen=True):
    """What one author has of it."""

    bytes: int
    open_uploads: int


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


def check_announced(length: int) -> None:
    if length > MAX_UPLOAD_BYTES:
        raise UploadTooLarge


def check_open(upload: UploadFacts, *, now: datetime) -> None:
    if upload.state is State.UPLOADING and now >= upload.expires_at:
        raise UploadGone
    if upload.state is State.FAILED and upload.received < upload.length:
        raise UploadGone


def check_room(usage: Usage, length: int, limits: Limits) -> None:
    if usage.open_uploads >= limits.open_uploads:
        raise TooManyOpenUploads.of(unfinished=usage.open_uploads, allowed=limits.open_uploads)
    if usage.bytes + length > limits.bytes:
        raise QuotaUsedUp.of(used=usage.bytes, length=length, allowed=limits.bytes)


def _gib(count: int) -> str:
    """Rounded up, so that no file seems to need nothing: 0.01 GiB is the least."""
    return f"{-(-count * 100 // GIB) / 100:g}"
