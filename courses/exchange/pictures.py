"""Images that a file carries: known by their first bytes, named by their hash."""

import base64
import binascii
import hashlib

from courses.exchange.report import Report
from courses.items.rich_text import Image, MediaType

LARGEST_IMAGE = 4 << 20
_SUFFIX = {MediaType.PNG: "png", MediaType.JPEG: "jpg", MediaType.WEBP: "webp"}


def file_name(image: Image) -> str:
    return f"{image.sha256}.{_SUFFIX[image.media_type]}"


def media_type(content: bytes) -> MediaType | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if content.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return MediaType.WEBP if is_webp else None


def from_base64(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def kept(
    content: bytes | None,
    name: str,
    alt: str,
    store: dict[str, bytes],
    where: str,
    report: Report,
) -> Image | None:
    """None, and told, for what is no image we show."""
    form = media_type(content) if content else None
    if content is None or form is None or len(content) > LARGEST_IMAGE:
        zh = f"{name} 不是 4 MB 以内的 PNG、JPEG 或 WebP"
        report.refused(where, "image", zh, f"{name} is no PNG, JPEG or WebP of at most 4 MB")
        return None
    image = Image(sha256=hashlib.sha256(content).hexdigest(), media_type=form, alt=alt[:1000])
    store[file_name(image)] = content
    report.imported(where, "image")
    return image
