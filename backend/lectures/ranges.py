"""Which bytes a request asks for, by RFC 9110 §13 and §14. Pure: headers in, a decision out.

Of several ranges in one request nothing is made: RFC 9110 §14.2 lets a server ignore the header,
and the whole file (200) is what every client must accept. Only byte ranges are known.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import ClassVar

import msgspec

from infra.errors import DomainError

_SPEC = re.compile(r"(\d*)-(\d*)")
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_DIGITS = 18  # more bytes than any file has; int() of a hostile thousand digits takes long


class RangeNotSatisfiable(DomainError):
    """The file has no byte in that range; ask with HEAD for its length."""

    status_code: ClassVar[int] = 416
    zh = "文件中没有该范围的字节；请先用 HEAD 查询文件长度。"

    def __init__(self, size: int) -> None:
        super().__init__()
        self.headers["Content-Range"] = f"bytes */{size}"
        self.headers["Accept-Ranges"] = "bytes"


class Unchanged(Enum):
    """What the client has is what there is: 304."""

    UNCHANGED = "unchanged"


class Part(msgspec.Struct, frozen=True):
    """Bytes [start, start + length) of a file of `size`; `partial`: answer 206."""

    start: int
    length: int
    size: int
    partial: bool

    @property
    def status_code(self) -> int:
        return 206 if self.partial else 200

    @property
    def headers(self) -> dict[str, str]:
        if not self.partial:
            return {"Accept-Ranges": "bytes"}
        last = self.start + self.length - 1
        return {"Accept-Ranges": "bytes", "Content-Range": f"bytes {self.start}-{last}/{self.size}"}


def wanted(headers: Mapping[str, str], *, size: int, etag: str) -> Part | Unchanged:
    """For a GET or HEAD of a file with the strong `etag` (quoted). RangeNotSatisfiable.

    `headers` by lower-case names. The order of the conditions is that of RFC 9110 §13.2.2. There
    is no Last-Modified here, so a date in If-Range matches nothing and gives the whole file.
    """
    if _none_matches(headers.get("if-none-match"), etag):
        return Unchanged.UNCHANGED
    whole = Part(0, size, size, partial=False)
    asked = headers.get("range")
    if asked is None or not _still(headers.get("if-range"), etag):
        return whole
    return part(asked, size=size) or whole


def part(header: str, *, size: int) -> Part | None:
    """The one range of a Range header; None where the header is to be ignored."""
    unit, _, ranges = header.partition("=")
    specs = [spec.strip(" \t") for spec in ranges.split(",") if spec.strip(" \t")]
    if unit.strip().lower() != "bytes" or len(specs) != 1:
        return None
    found = _SPEC.fullmatch(specs[0])
    if not specs[0].isascii() or found is None or found[0] == "-":
        return None
    if max(len(found[1]), len(found[2])) > _DIGITS:
        raise RangeNotSatisfiable(size)
    return _suffix(int(found[2]), size) if not found[1] else _between(found[1], found[2], size)


def _suffix(length: int, size: int) -> Part:
    if length == 0 or size == 0:
        raise RangeNotSatisfiable(size)
    length = min(length, size)
    return Part(size - length, length, size, partial=True)


def _between(first: str, last: str, size: int) -> Part | None:
    start, end = int(first), int(last) if last else size - 1
    if last and end < start:
        return None  # not a range at all, RFC 9110 §14.1.1
    if start >= size:
        raise RangeNotSatisfiable(size)
    return Part(start, min(end, size - 1) - start + 1, size, partial=True)


def _still(condition: str | None, etag: str) -> bool:
    """If-Range: the strong comparison; a weak tag or a date never matches."""
    return condition is None or condition.strip() == etag


def _none_matches(condition: str | None, etag: str) -> bool:
    """If-None-Match: the weak comparison; `*` matches whatever there is."""
    if condition is None:
        return False
    if condition.strip() == "*":
        return True
    return etag in (tag.removeprefix("W/") for tag in _TAG.findall(condition))
