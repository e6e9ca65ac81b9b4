"""What is known of an upload, and its rules. No I/O."""

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

import msgspec

from infra.errors import Conflict, DomainError, TooLarge
from media_pipeline.domain import State, incoming_name

PART_BYTES = 5 << 20
"""What S3 asks of every part but the last; also what an upload may hold in memory."""
MAX_UPLOAD_BYTES = 10 << 30
UPLOAD_LIFETIME = timedelta(days=7)


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
