"""Scans and documents that people send us, judged by content. Pure."""

import hashlib
import re

import msgspec

from infra.errors import DomainError, TooLarge

LARGEST_BYTES = 8 << 20
_PDF_TAIL = 2048  # readers look this far for the end mark
_ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|OpenAction|XFA)\b")


class DocumentTooLarge(TooLarge):
    """A document may have at most 8 MiB; scan it in grey at 200 dpi."""

    zh = "文件最大 8 MiB，请以 200 dpi 灰度扫描后再试。"


class DocumentTypeNotTaken(DomainError):
    """Send a whole PDF, PNG or JPEG file itself as the body; what it is called does not count."""

    status_code = 415
    zh = "请以完整的 PDF、PNG 或 JPEG 文件本身作为请求体；类型按内容判断，与文件名无关。"


class DocumentIsActive(DomainError):
    """The PDF holds scripts, attachments or actions; print it to a plain PDF and send that."""

    status_code = 415
    zh = "该 PDF 含有脚本、附件或自动动作，请另存为普通 PDF 后再提交。"


class Judged(msgspec.Struct, frozen=True):
    media_type: str
    extension: str
    sha256: str


def judged(content: bytes) -> Judged:
    """Bounded before: at most `LARGEST_BYTES`."""
    media_type, extension = _type_of(content)
    if extension == "pdf" and _ACTIVE.search(content):
        raise DocumentIsActive
    return Judged(media_type, extension, hashlib.sha256(content).hexdigest())


def _type_of(content: bytes) -> tuple[str, str]:
    """Beginning and end both: a file that was cut off, or has another one behind it, is neither."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-_PDF_TAIL:]:
        return "application/pdf", "pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content.endswith(b"IEND\xaeB`\x82"):
        return "image/png", "png"
    if content.startswith(b"\xff\xd8\xff") and content.endswith(b"\xff\xd9"):
        return "image/jpeg", "jpg"
    raise DocumentTypeNotTaken
