"""Signs in its bytes that a file breaks off, for containers that do not state their length, or
whose readers believe the file's own size more.

A cut that falls between two packets of MPEG leaves no trace, nor does any cut of a programme
stream (.mpg): such a file plays to where it ends, and nobody but its author can know of more.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

TIMED_PACKET = 192
TS_PACKETS = (188, TIMED_PACKET, 204)
TS_SYNC = 0x47
TAIL_BYTES = 1 << 17
ID3_HEADER = 10
ID3V1 = 128
UNKNOWN_RIFF = 0xFFFFFF00
ASF_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
FLV_TAG_HEADER = 11
ADTS_HEADER = 7
RIFF_SLACK = 4096  # careless writers count a little too much


def _tail(file: BinaryIO, size: int) -> bytes:
    file.seek(max(0, size - TAIL_BYTES))
    return file.read(TAIL_BYTES)


def _mpegts(file: BinaryIO, size: int) -> bool:
    """Whether the last packet is a part of one. Camcorders put a time of 4 bytes before each."""
    head = file.read(4 * max(TS_PACKETS))
    for length in TS_PACKETS:
        first = next((n for n in range(length) if _in_step(head, n, length)), None)
        if first is not None:
            before = length - 188 if length == TIMED_PACKET and first >= length - 188 else 0
            rest = (size - first + before) % length
            file.seek(size - rest + before)
            return rest > 0 and file.read(1) in (bytes([TS_SYNC]), b"")
    return False


def _in_step(head: bytes, first: int, length: int) -> bool:
    places = range(first, len(head), length)
    return len(places) > 2 and all(head[place] == TS_SYNC for place in places)


def _ogg(file: BinaryIO, size: int) -> bool:
    """Whether the last page is longer than what is left of the file."""
    tail = _tail(file, size)
    at = tail.rfind(b"OggS")
    if at < 0:
        return False
    page = tail[at:]
    if len(page) < 27:
        return True
    table = page[27 : 27 + page[26]]
    return len(page) < 27 + page[26] + sum(table)


def _riff(file: BinaryIO, size: int) -> bool:
    """Whether the first chunk says it is longer than the file. 0 and the highest: not known."""
    head = file.read(8)
    promised = int.from_bytes(head[4:8], "little")
    return head[:4] == b"RIFF" and promised < UNKNOWN_RIFF and promised > size + RIFF_SLACK


def _asf(file: BinaryIO, size: int) -> bool:
    """Whether the file properties state a larger file; a broadcast states nothing."""
    head = file.read(4096)
    at = head.find(ASF_FILE_PROPERTIES)
    if at < 0 or len(head) < at + 92:
        return False
    promised = int.from_bytes(head[at + 40 : at + 48], "little")
    broadcast = head[at + 88] & 1
    return not broadcast and promised > size


def _flv(file: BinaryIO, size: int) -> bool:
    """Whether the last four bytes are not the length of a tag that begins that far before them."""
    file.seek(max(0, size - 4))
    length = int.from_bytes(file.read(4), "big")
    at = size - 4 - length
    if at < 0:
        return True
    file.seek(at)
    return int.from_bytes(file.read(4)[1:], "big") + FLV_TAG_HEADER != length


def _adts(file: BinaryIO, size: int) -> bool:
    """Whether the last frame is longer than what is left. Frames say their own length."""
    tail = _tail(file, size)
    at = next((n for n in range(len(tail)) if _frames_follow(tail, n)), None)
    if at is None:
        return False
    while at + ADTS_HEADER <= len(tail) and _is_adts(tail, at):
        at += _adts_length(tail, at)
    return at > len(tail)


def _is_adts(content: bytes, at: int) -> bool:
    return content[at] == 0xFF and content[at + 1] & 0xF6 == 0xF0


def _adts_length(content: bytes, at: int) -> int:
    length = int.from_bytes(content[at + 3 : at + 6], "big") >> 5 & 0x1FFF
    return max(length, ADTS_HEADER)


def _frames_follow(content: bytes, at: int) -> bool:
    """Three frames in a row: the two bytes they begin with stand elsewhere by chance."""
    for _ in range(3):
        if at + ADTS_HEADER > len(content) or not _is_adts(content, at):
            return False
        at += _adts_length(content, at)
    return True


def _skip_id3(file: BinaryIO) -> int:
    head = file.read(ID3_HEADER)
    if head[:3] != b"ID3" or len(head) < ID3_HEADER:
        return 0
    length = 0
    for byte in head[6:10]:
        length = length << 7 | byte & 0x7F
    return ID3_HEADER + length


def _mp3(file: BinaryIO, size: int) -> bool:
    """Whether fewer bytes follow than the encoder's own first frame (Xing, Info) counted."""
    start = _skip_id3(file)
    file.seek(start)
    head = file.read(4096)
    at = max(head.find(b"Xing"), head.find(b"Info"))
    if at < 0 or len(head) < at + 16:
        return False
    flags = int.from_bytes(head[at + 4 : at + 8], "big")
    if not flags & 2:
        return False
    place = at + 8 + (4 if flags & 1 else 0)
    promised = int.from_bytes(head[place : place + 4], "big")
    return size - start < promised - ID3V1


_SIGNS: Mapping[str, Callable[[BinaryIO, int], bool]] = {
    "mpegts": _mpegts,
    "ogg": _ogg,
    "mp3": _mp3,
    "avi": _riff,
    "wav": _riff,
    "asf": _asf,
    "flv": _flv,
    "aac": _adts,
}


def breaks_off(path: Path, container: str) -> bool:
    """`container` by ffprobe's first name for it. Where nothing shows it: False."""
    sign = _SIGNS.get(container)
    if sign is None:
        return False
    with path.open("rb") as file:
        return sign(file, path.stat().st_size)
