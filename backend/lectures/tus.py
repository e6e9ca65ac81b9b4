"""The headers of tus 1.0 (https://tus.io/protocols/resumable-upload)."""

import base64
import binascii
from collections.abc import Mapping
from email.utils import format_datetime
from typing import ClassVar

from infra.errors import DomainError, Invalid
from media_pipeline.domain import State
from media_pipeline.uploading.domain import MAX_UPLOAD_BYTES, UploadFacts

VERSION = "1.0.0"
BYTES_TYPE = "application/offset+octet-stream"
_METADATA_CHARACTERS = 4096

HELLO = {
    "Tus-Resumable": VERSION,
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,creation-with-upload,termination,expiration",
    "Tus-Max-Size": str(MAX_UPLOAD_BYTES),
}


class TusVersionNeeded(DomainError):
    """Send the header `Tus-Resumable: 1.0.0`; no other version is spoken here."""

    status_code: ClassVar[int] = 412
    zh = "请携带请求头 Tus-Resumable: 1.0.0；此处不支持其他版本。"

    def __init__(self) -> None:
        super().__init__()
        self.headers["Tus-Version"] = VERSION


class UploadLengthNeeded(Invalid):
    """Send `Upload-Length`, the size of the whole file in bytes."""

    status_code: ClassVar[int] = 400
    zh = "请携带请求头 Upload-Length，即整个文件的字节数。"


class UploadOffsetNeeded(Invalid):
    """Send `Upload-Offset`, the byte at which this request goes on."""

    status_code: ClassVar[int] = 400
    zh = "请携带请求头 Upload-Offset，即本次请求开始的字节位置。"


class MetadataNotReadable(Invalid):
    """`Upload-Metadata` is `key base64` pairs with commas between, in UTF-8."""

    status_code: ClassVar[int] = 400
    zh = "Upload-Metadata 应为以逗号分隔的“键 base64 值”，UTF-8 编码。"


class BytesTypeNeeded(DomainError):
    """Send the bytes as `Content-Type: application/offset+octet-stream`."""

    status_code: ClassVar[int] = 415
    zh = "请以 Content-Type: application/offset+octet-stream 发送数据。"


def check_version(headers: Mapping[str, str]) -> None:
    if headers.get("tus-resumable") != VERSION:
        raise TusVersionNeeded


def carries_bytes(headers: Mapping[str, str]) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower() == BYTES_TYPE


def announced_length(headers: Mapping[str, str]) -> int:
    return _count(headers.get("upload-length"), UploadLengthNeeded)


def claimed_offset(headers: Mapping[str, str]) -> int:
    return _count(headers.get("upload-offset"), UploadOffsetNeeded)


def _count(value: str | None, needed: type[DomainError]) -> int:
    if value is None or not value.isascii() or not value.isdigit() or len(value) > 18:
        raise needed
    return int(value)


def metadata(headers: Mapping[str, str]) -> dict[str, str]:
    text = headers.get("upload-metadata", "")
    if len(text) > _METADATA_CHARACTERS:
        raise MetadataNotReadable
    pairs = (pair.split() for pair in text.split(",") if pair.strip())
    try:
        return {
            key: base64.b64decode("".join(value), validate=True).decode() for key, *value in pairs
        }
    except (binascii.Error, UnicodeDecodeError) as error:
        raise MetadataNotReadable from error


def standing(upload: UploadFacts) -> dict[str, str]:
    """Where an upload stands, as headers; an end is set only while more may come."""
    headers = {
        "Tus-Resumable": VERSION,
        "Cache-Control": "no-store",
        "Upload-Offset": str(upload.received),
        "Upload-Length": str(upload.length),
    }
    if upload.state is State.UPLOADING:
        headers["Upload-Expires"] = format_datetime(upload.expires_at, usegmt=True)
    return headers
