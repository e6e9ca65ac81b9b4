"""Zips and gzips by other hands, whole and broken, drawn from one seed."""

import io
import re
import struct
import zipfile
import zlib
from random import Random
from typing import Any

from backend.records.verdict.canonical import base64url
from tests.backend.records.verdict.mutations import loose_end, nudged


def packed_bits(dice: Random, content: bytes) -> str:
    """A list's bits in gzip of many makes, whole and broken."""
    kind = dice.random()
    if kind < 0.2:
        packed = _gzip(dice, content)
    elif kind < 0.3:
        packed = _gzip(dice, dice.choice([content[:-1], content + b"\0"]))
    elif kind < 0.5:
        whole = _gzip(dice, content)
        packed = dice.choice([whole * 2, whole + b"\0", whole[: dice.randrange(len(whole))]])
    else:
        broken = bytearray(_gzip(dice, content))
        for _ in range(dice.choice([1, 1, 3])):
            broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        packed = bytes(broken)
    text = base64url(packed)
    if dice.random() < 0.1:
        return dice.choice([f"u{text}=", text, f"z{text}", f"u{loose_end(dice, text)}"])
    return f"u{text}"


def _gzip(dice: Random, content: bytes) -> bytes:
    """With any of the header's parts, known and unknown; fixed codes, own codes and none."""
    packer = zlib.compressobj(dice.choice([0, 1, 6]), zlib.DEFLATED, -15, 8, dice.choice([0, 2, 4]))
    stream = packer.compress(content) + packer.flush()
    flags = dice.choice([0, 0, 0, 1, 2, 4, 8, 16, 30, 32, 128])
    made = b"\x1f\x8b\x08" + bytes([flags]) + bytes(6)
    made += b"\2\0ab" if flags & 4 else b""
    made += b"name\0" if flags & 8 else b""
    made += b"said\0" if flags & 16 else b""
    made += struct.pack("<H", zlib.crc32(made) & 0xFFFF) if flags & 2 else b""
    return made + stream + struct.pack("<2I", zlib.crc32(content), len(content))


def archive(dice: Random, members: dict[str, bytes]) -> bytes:
    """A bundle's zip by another hand, then perhaps damaged."""
    names = [*members]
    if dice.random() < 0.3:
        dice.shuffle(names)
    packed = io.BytesIO()
    out: Any = _Unseekable(packed) if dice.random() < 0.2 else packed
    method = dice.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
    with zipfile.ZipFile(out, "w", method, compresslevel=dice.choice([0, 1, 9])) as made:
        for name in names:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = dice.choice([method, zipfile.ZIP_STORED])
            entry.extra = dice.choice([b"", b"", b"UT\5\0\1abcd"])
            made.writestr(entry, members[name])
        if dice.random() < 0.1:
            made.comment = b"said"
    content = packed.getvalue()
    if dice.random() < 0.05:
        return _gap(dice, content)
    for _ in range(dice.choice([0, 1, 1, 2])):
        content = _damaged(dice, content)
    return content


def _gap(dice: Random, content: bytes) -> bytes:
    """Bytes between the last entry and the directory, which the end has the right place of."""
    at, more = int.from_bytes(content[-6:-2], "little"), dice.choice([b"\0", b"PK\3\4", b"said"])
    moved = content[:at] + more + content[at:]
    return moved[:-6] + (at + len(more)).to_bytes(4, "little") + moved[-2:]


def _damaged(dice: Random, content: bytes) -> bytes:
    """Mostly where a reader looks: headers, directory, end."""
    if dice.random() < 0.3:
        return nudged(dice, content)
    starts = [found.start() for found in re.finditer(b"PK(\3\4|\1\2|\5\6)", content)]
    if not starts:
        return content
    at = min(dice.choice(starts) + dice.randrange(46), len(content) - 1)
    new = dice.choice([content[at] ^ (1 << dice.randrange(8)), 0, 255, content[at] + 1 & 255])
    return content[:at] + bytes([new]) + content[at + 1 :]


class _Unseekable:
    """A stream: sizes can only follow the content."""

    def __init__(self, to: io.BytesIO) -> None:
        self._to = to

    def write(self, content: bytes) -> int:
        return self._to.write(content)

    def flush(self) -> None:
        """Nothing is held back."""
