"""The headers of tus 1.0 (https://tus.io/protocols/resumable-upload)."""

import base64
import binascii
from collections.abc import Mapping
from email.utils import format_datetime
from typing import ClassVar

from infra.errors import DomainError, Invalid
from media_pipeline.domain import State
from media_pipeline.plan import Wishes
from media_pipeline.uploading.domain import MAX_UPLOAD_BYTES, Algorithm, Checksum, UploadFacts

VERSION = "1.0.0"
BYTES_TYPE = "application/offset+octet-stream"
_METADATA_CHARACTERS = 4096
_YES, _NO = {"", "true", "1"}, {"false", "0"}

HELLO = {
    "Tus-Resumable": VERSION,
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,creation-with-upload,checksum,expiration,termination",
    "Tus-Max-Size": str(MAX_UPLOAD_BYTES),
    "Tus-Checksum-Algorithm": ",".join(Algorithm),
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


class WishNotReadable(Invalid):
    """`av1` and `encrypt` in Upload-Metadata are `true` or `false` (base64), or stand alone."""

    status_code: ClassVar[int] = 400
    zh = "Upload-Metadata 中的 av1 与 encrypt 应为 true 或 false（base64），或只写键名。"


class ChecksumNotReadable(Invalid):
    """`Upload-Checksum` is `sha256`, `sha1` or `md5`, a space, and the digest in base64."""

    status_code: ClassVar[int] = 400
    zh = "Upload-Checksum 应为 sha256、sha1 或 md5，加空格，再加 base64 摘要。"


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
    pairs = [pair.split() for pair in text.split(",") if pair.strip()]
    if any(len(pair) > 2 for pair in pairs) or len({pair[0] for pair in pairs}) < len(pairs):
        raise MetadataNotReadable
    try:
        return {
            key: base64.b64decode("".join(value), validate=True).decode() for key, *value in pairs
        }
    except (binascii.Error, ValueError) as error:
        raise MetadataNotReadable from error


def wishes(metadata: Mapping[str, str]) -> Wishes:
    """Keys that nobody knows are for somebody else."""
    return Wishes(av1=_wished(metadata, "av1"), encrypt=_wished(metadata, "encrypt"))


def _wished(metadata: Mapping[str, str], key: str) -> bool:
    value = metadata.get(key, "false").strip().lower()
    if value not in _YES | _NO:
        raise WishNotReadable
    return value in _YES


def checksum(headers: Mapping[str, str]) -> Checksum | None:
    """Of the bytes of this request."""
    text = headers.get("upload-checksum")
    if text is None:
        return None
    try:
        name, encoded = text.split()
        found = Checksum(Algorithm(name.lower()), base64.b64decode(encoded, validate=True))
    except ValueError as error:  # binascii's too
        raise ChecksumNotReadable from error
    if len(found.digest) != found.algorithm.digest_size:
        raise ChecksumNotReadable
    return found


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
