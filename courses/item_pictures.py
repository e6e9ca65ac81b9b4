"""Images of an edition's items: files beside the banks, named by the hash of what they hold."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from courses.exchange.pictures import LARGEST_IMAGE, media_type
from courses.format import Edition
from courses.items.rich_text import Image, MediaType
from courses.problem import Problem


class Picture(msgspec.Struct, frozen=True):
    sha256: str
    media_type: MediaType
    content: bytes


def pictures(folder: Path) -> list[Picture]:
    """What lies in the modules' `images/`; `folder`: an edition's."""
    return [found for path in sorted(folder.glob("*/images/*")) if (found := _read(path))]


def _read(path: Path) -> Picture | None:
    content = path.read_bytes() if path.stat().st_size <= LARGEST_IMAGE else b""
    form = media_type(content)
    return Picture(hashlib.sha256(content).hexdigest(), form, content) if form else None


def missing(edition: Edition, held: Sequence[Picture]) -> Iterator[Problem]:
    """Images that items name and no file holds."""
    known = {(one.sha256, one.media_type) for one in held}
    for item in edition.items:
        for image in _images(msgspec.to_builtins(item)):
            if (image.sha256, image.media_type) not in known:
                what = f"no file holds the image {image.sha256[:12]}…"
                yield Problem(item.id, what, "put it into the module's images/, as imported")


def _images(part: object) -> Iterator[Image]:
    """Wherever in the item: stems, options, feedback, explanations."""
    if isinstance(part, dict):
        if part.get("type") == "image":
            yield msgspec.convert(part, Image)
        part = list(part.values())
    if isinstance(part, list | tuple):
        for one in part:
            yield from _images(one)
