"""Zip files in one plain layout, read so that no other reader can see other files in them.

Lenient readers disagree about bytes before, between and after the entries, and about two headers
for one file. So: entries one after another from the first byte on, each with the same name twice,
then the directory, then its end. The JavaScript twin reads by the same rules.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping

import msgspec

from backend.records.verdict.refusal import Refused

_END = struct.Struct("<4s4H2IH")
_DIRECTORY = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_STORED, _DEFLATED = 0, 8
_SIZES_FOLLOW = 8
_FLAGS = 0b1000_0000_1110
"""How hard it was packed, sizes that follow the content, names in UTF-8; nothing encrypted."""
_DAMAGED = "not a zip file, or a damaged one"


class _Entry(msgspec.Struct, frozen=True):
    """As the directory has it; `start` is where its own header begins."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    start: int


def read_archive(content: bytes, caps: Mapping[str, int]) -> dict[str, bytes]:
    """Files by name; `caps`: the names that may be there and how many bytes each may have."""
    directory, entries = _directory(content, 2 * len(caps))
    members: dict[str, bytes] = {}
    at = 0
    for entry in entries:
        name = entry.name.decode("ascii", "replace")
        if name not in caps or name in members:
            raise Refused("bundle with an unknown or doubled file")
        if entry.method not in {_STORED, _DEFLATED}:
            raise Refused("bundle in a compression that is not ours")
        packed, at = _packed(content, entry, at, directory)
        members[name] = _unpacked(entry, packed, name, caps[name])
    if at != directory:
        raise Refused(_DAMAGED)
    return members


def _directory(content: bytes, most: int) -> tuple[int, list[_Entry]]:
    """Where the directory begins, and its entries. No comment, one disk, not the 64-bit form."""
    end = len(content) - _END.size
    if end < 0:
        raise Refused(_DAMAGED)
    sign, disk, first, here, count, size, start, comment = _END.unpack_from(content, end)
    if sign != b"PK\5\6" or (disk, first, comment) != (0, 0, 0) or here != count:
        raise Refused(_DAMAGED)
    if start + size != end:
        raise Refused(_DAMAGED)
    if count > most:
        raise Refused("bundle with too many files")
    entries = list(_entries(content, start, end, count))
    return start, entries


def _entries(content: bytes, at: int, end: int, count: int) -> Iterator[_Entry]:
    for _ in range(count):
        if at + _DIRECTORY.size > end:
            raise Refused(_DAMAGED)
        found = _DIRECTORY.unpack_from(content, at)
        sign, _, _, flags, method, _, _, crc, packed, size, *lengths, disk, _, _, start = found
        name, extra, comment = lengths
        if sign != b"PK\1\2" or disk != 0 or flags & ~_FLAGS:
            raise Refused(_DAMAGED)
        at += _DIRECTORY.size
        yield _Entry(content[at : at + name], flags, method, crc, packed, size, start)
        at += name + extra + comment
    if at != end:
        raise Refused(_DAMAGED)


def _packed(content: bytes, entry: _Entry, at: int, directory: int) -> tuple[bytes, int]:
    """The packed bytes and where the next entry has to begin."""
    if entry.start != at or at + _LOCAL.size > directory:
        raise Refused(_DAMAGED)
    sign, _, flags, method, _, _, *sizes, name, extra = _LOCAL.unpack_from(content, at)
    at += _LOCAL.size
    same = (flags, method, content[at : at + name]) == (entry.flags, entry.method, entry.name)
    told = [entry.crc, entry.packed, entry.size]
    later = flags & _SIZES_FOLLOW and sizes == [0, 0, 0]
    if sign != b"PK\3\4" or not same or not (later or sizes == told):
        raise Refused(_DAMAGED)
    at += name + extra
    end = at + entry.packed
    after = end + _descriptor(content[end : end + 16], told) if flags & _SIZES_FOLLOW else end
    if after > directory:
        raise Refused(_DAMAGED)
    return content[at:end], after


def _descriptor(found: bytes, told: list[int]) -> int:
    """Bytes that repeat checksum and sizes after the content, with or without a sign."""
    plain = struct.pack("<3I", *told)
    for form in (b"PK\7\x08" + plain, plain):
        if found.startswith(form):
            return len(form)
    raise Refused(_DAMAGED)


def _unpacked(entry: _Entry, packed: bytes, name: str, cap: int) -> bytes:
    """The size a zip file declares is its maker's word: we stop at our own cap."""
    content = packed if entry.method == _STORED else _inflated(packed, cap)
    if len(content) > cap:
        raise Refused(f"{name} too large")
    if len(content) != entry.size or zlib.crc32(content) != entry.crc:
        raise Refused(_DAMAGED)
    return content


def _inflated(packed: bytes, cap: int) -> bytes:
    """One byte more than `cap` at most."""
    stream = zlib.decompressobj(wbits=-15)
    try:
        content = stream.decompress(packed, cap + 1)
    except zlib.error as error:
        raise Refused(_DAMAGED) from error
    if len(content) <= cap and (not stream.eof or stream.unused_data):
        raise Refused(_DAMAGED)
    return content
