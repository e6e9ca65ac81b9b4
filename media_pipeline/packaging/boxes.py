"""The few boxes of fragmented MP4 (ISO/IEC 14496-12) that a package is checked and mended by.

Bytes in, structs out. No size is trusted: whatever does not add up raises BrokenBoxes, and no
loop is longer than the bytes at hand.
"""

import struct
from collections.abc import Iterator
from itertools import accumulate
from operator import add
from typing import NamedTuple

import msgspec

from media_pipeline.packaging import codecs
from media_pipeline.packaging.codecs import SampleEntry

NOT_SYNC = 0x0001_0000
HEADER = 8
FULL = 4  # version and flags
IDR, SLICE = 5, 1
SEQUENCE_HEADER = 1


class BrokenBoxes(ValueError):
    """The file is no fragmented MP4 as a packager writes it; the message says where it breaks."""


class Box(NamedTuple):
    """Offsets into the bytes: where its content starts and where it ends."""

    kind: bytes
    start: int
    body: int
    end: int


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """What an init segment says. `begins`: the media time that is shown first, by the edit list,
    in units of `timescale` a second."""

    handler: str
    timescale: int
    begins: int
    language: str
    entry: SampleEntry
    default_duration: int
    default_size: int
    default_flags: int

    @property
    def is_video(self) -> bool:
        return self.handler == "vide"


class Fragment(msgspec.Struct, frozen=True, kw_only=True):
    """One media segment; times in the track's units, offsets in bytes of the file.

    `shown_from` is the earliest composition time, before the edit list. `opens` tells whether
    its first sample really can be decoded alone: None where that was not to be seen.
    """

    decode_time: int
    duration: int
    samples: int
    shortest: int
    longest: int
    shown_from: int
    sync: bool
    opens: bool | None
    moof: int
    first_end: int

    @property
    def ends(self) -> int:
        return self.decode_time + self.duration


def number(data: bytes, at: int, size: int = 4) -> int:
    found = data[at : at + size]
    if len(found) != size:
        raise BrokenBoxes(f"breaks off at byte {at}")
    return int.from_bytes(found, "big")


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """Neighbours in [start, end); `end` may lie beyond the bytes at hand, behind a long mdat."""
    while start < end:
        size, kind, body = number(data, start), data[start + 4 : start + 8], start + HEADER
        if size == 1:
            size, body = number(data, body, 8), body + 8
        elif size == 0:
            size = end - start
        if len(kind) < 4 or size < body - start or start + size > end:
            raise BrokenBoxes(f"the box at byte {start} does not fit where it lies")
        yield Box(kind, start, body, start + size)
        start += size


def _first(data: bytes, parent: Box, *path: bytes) -> Box | None:
    """The first box of that path inside `parent`."""
    for kind in path:
        inner = (box for box in boxes(data, parent.body, parent.end) if box.kind == kind)
        found = next(inner, None)
        if found is None:
            return None
        parent = found
    return parent


def _required(data: bytes, parent: Box, *path: bytes) -> Box:
    found = _first(data, parent, *path)
    if found is None:
        raise BrokenBoxes(f"has no {b'/'.join(path).decode('ascii', 'replace')}")
    return found


def _inside(data: bytes, entry: Box, skipped: int, kind: bytes) -> bytes:
    start = entry.body + skipped
    found = _required(data, Box(entry.kind, entry.start, start, max(start, entry.end)), kind)
    return data[found.body : found.end]


def _sample_entry(data: bytes, table: Box) -> SampleEntry:
    description = _required(data, table, b"stsd")
    first = description.body + FULL + 4
    entry = next(boxes(data, first, description.end), None)
    if entry is None:
        raise BrokenBoxes("describes no sample")
    kind = entry.kind.decode("ascii", "replace")
    try:
        return _described(data, entry, kind)
    except IndexError as error:
        raise BrokenBoxes(f"the configuration of {kind} breaks off") from error


def _described(data: bytes, entry: Box, kind: str) -> SampleEntry:
    size = {
        "width": number(data, entry.body + 24, 2),
        "height": number(data, entry.body + 26, 2),
    }
    if kind in ("avc1", "avc3"):
        said = _inside(data, entry, codecs.VIDEO_ENTRY, b"avcC")
        length = codecs.h264_nal_length(said)
        return SampleEntry(kind=kind, codec=codecs.h264(kind, said), nal_length=length, **size)
    if kind == "av01":
        said = _inside(data, entry, codecs.VIDEO_ENTRY, b"av1C")
        return SampleEntry(kind=kind, codec=codecs.av1(said), **size)
    if kind == "mp4a":
        said = _inside(data, entry, codecs.SOUND_ENTRY, b"esds")
        return SampleEntry(
            kind=kind,
            codec=codecs.aac(said[FULL:]),
            channels=number(data, entry.body + 16, 2),
            sample_rate=number(data, entry.body + 24) >> 16,
        )
    return SampleEntry(kind=kind, codec=kind)


def _edit(data: bytes, track: Box) -> int:
    """The media time at which showing starts; 0 without an edit list, or with an empty edit."""
    found = _first(data, track, b"edts", b"elst")
    if found is None or not number(data, found.body + FULL):
        return 0
    wide = number(data, found.body, 1) == 1
    at = found.body + FULL + 4 + (8 if wide else 4)
    time = number(data, at, 8 if wide else 4)
    return 0 if time >= 1 << (63 if wide else 31) else time


def read_track(data: bytes) -> Track:
    """Of a whole init segment with one track."""
    whole = Box(b"file", 0, 0, len(data))
    movie = _required(data, whole, b"moov")
    tracks = [box for box in boxes(data, movie.body, movie.end) if box.kind == b"trak"]
    if len(tracks) != 1:
        raise BrokenBoxes(f"holds {len(tracks)} tracks instead of one")
    media = _required(data, tracks[0], b"mdia")
    header = _required(data, media, b"mdhd")
    wide = number(data, header.body, 1) == 1
    at = header.body + FULL + (16 if wide else 8)
    timescale = number(data, at)
    packed = number(data, at + (12 if wide else 8), 2)
    defaults = _required(data, movie, b"mvex", b"trex").body + FULL + 8
    if not timescale:
        raise BrokenBoxes("has a timescale of nothing")
    handler = _required(data, media, b"hdlr").body + FULL + 4
    return Track(
        handler=data[handler : handler + 4].decode("ascii", "replace"),
        timescale=timescale,
        begins=_edit(data, tracks[0]),
        language="".join(chr((packed >> shift & 31) + 0x60) for shift in (10, 5, 0)),
        entry=_sample_entry(data, _required(data, media, b"minf", b"stbl")),
        default_duration=number(data, defaults),
        default_size=number(data, defaults + 4),
        default_flags=number(data, defaults + 8),
    )


class _Defaults(NamedTuple):
    duration: int
    size: int
    flags: int


def _defaults(data: bytes, header: Box, track: Track) -> _Defaults:
    """tfhd: the fields that its flags announce, in this order, else those of the init segment."""
    flags, at = number(data, header.body) & 0xFF_FFFF, header.body + FULL + 4
    at += (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
    found = [track.default_duration, track.default_size, track.default_flags]
    for index, flag in enumerate((0x8, 0x10, 0x20)):
        if flags & flag:
            found[index], at = number(data, at), at + 4
    return _Defaults(*found)


class _Run(NamedTuple):
    """Of one trun: a tuple each, of one number per sample."""

    offset: int
    durations: tuple[int, ...]
    sizes: tuple[int, ...]
    flags: int
    shifts: tuple[int, ...]


def _columns(data: bytes, at: int, end: int, count: int, width: int) -> tuple[int, ...]:
    length = count * width * 4
    if at + length > min(end, len(data)):
        raise BrokenBoxes(f"the table at byte {at} is longer than its box")
    return struct.unpack_from(f">{count * width}I", data, at)


def _run(data: bytes, box: Box, defaults: _Defaults) -> _Run:
    flags = number(data, box.body)
    version, flags, count = flags >> 24, flags & 0xFF_FFFF, number(data, box.body + FULL)
    at, offset, first_flags = box.body + FULL + 4, 0, defaults.flags
    if flags & 0x1:
        offset, at = number(data, at), at + 4
    if flags & 0x4:
        first_flags, at = number(data, at), at + 4
    columns = [flag for flag in (0x100, 0x200, 0x400, 0x800) if flags & flag]
    if not columns and count > len(data):
        raise BrokenBoxes("counts more samples than there are bytes")
    table = _columns(data, at, box.end, count, len(columns))
    by_flag = {flag: table[n :: len(columns)] for n, flag in enumerate(columns)}
    if 0x400 in by_flag and not flags & 0x4 and count:
        first_flags = by_flag[0x400][0]
    shifts = by_flag.get(0x800, ())
    if version:
        shifts = tuple(shift - (1 << 32) if shift >> 31 else shift for shift in shifts)
    return _Run(
        offset=offset,
        durations=by_flag.get(0x100) or (defaults.duration,) * count,
        sizes=by_flag.get(0x200) or (defaults.size,) * count,
        flags=first_flags,
        shifts=shifts,
    )


def _can_open(data: bytes, start: int, end: int, entry: SampleEntry) -> bool | None:
    """Whether the first sample starts a decoder: an IDR slice, or an AV1 sequence header."""
    if entry.kind == "av01":
        return (data[start] >> 3 & 15) == SEQUENCE_HEADER if start < len(data) else None
    while entry.nal_length and start + entry.nal_length < min(end, len(data)):
        size = number(data, start, entry.nal_length)
        kind = data[start + entry.nal_length] & 31
        if kind in (IDR, SLICE):
            return kind == IDR
        start += entry.nal_length + size
    return None


def header_length(data: bytes, size: int) -> int:
    """Bytes before the media itself: what has to be read of a segment of `size` bytes."""
    for box in boxes(data, 0, size):
        if box.kind == b"mdat":
            return box.body
        if box.end > len(data):
            return box.end + HEADER
    return size


def read_fragment(data: bytes, size: int, track: Track) -> Fragment:
    """Of a segment of `size` bytes, whose first ones are `data`: one moof, one mdat."""
    found = {box.kind: box for box in boxes(data, 0, size)}
    moof, media = found.get(b"moof"), found.get(b"mdat")
    if moof is None or media is None or media.end != size or moof.end != media.start:
        raise BrokenBoxes("is not one moof and its mdat")
    part = _required(data, moof, b"traf")
    time = _required(data, part, b"tfdt").body
    decode_time = number(data, time + FULL, 8 if number(data, time, 1) == 1 else 4)
    run = _run(
        data,
        _required(data, part, b"trun"),
        _defaults(data, _required(data, part, b"tfhd"), track),
    )
    if not run.durations or sum(run.sizes) != media.end - media.body:
        raise BrokenBoxes("its samples do not add up to its media")
    starts = accumulate(run.durations, initial=decode_time)
    first_end = moof.start + run.offset + run.sizes[0]
    return Fragment(
        decode_time=decode_time,
        duration=sum(run.durations),
        samples=len(run.durations),
        shortest=min(run.durations),
        longest=max(run.durations),
        shown_from=min(map(add, starts, run.shifts)) if run.shifts else decode_time,
        sync=not run.flags & NOT_SYNC,
        opens=_can_open(data, moof.start + run.offset, first_end, track.entry),
        moof=moof.start,
        first_end=first_end,
    )
