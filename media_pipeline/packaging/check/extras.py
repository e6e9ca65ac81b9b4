"""What lies beside the stream: poster, storyboard, files to take along; and what should not."""

import re
from collections.abc import Iterator

from media_pipeline.packaging.boxes import BrokenBoxes, boxes
from media_pipeline.packaging.check.case import Case
from media_pipeline.packaging.check.findings import Finding, finding
from media_pipeline.packaging.reading import MASTER, MOST_TEXT, resolved

MANIFEST, POSTER, STORYBOARD = "manifest.json", "poster.jpg", "storyboard/index.vtt"
OFFLINE = ("offline/lecture.mp4", "offline/sound.m4a")
JPEG = b"\xff\xd8\xff"
JPEG_HEAD = 64 * 1024
CLOCK = r"(?:(\d{2,4}):)?(\d\d):(\d\d)\.(\d\d\d)"
LENGTH = r"(\d{1,6})"
AREA = ",".join([LENGTH] * 4)
CUE = re.compile(rf"{CLOCK} --> {CLOCK}.*\n(\S+)#xywh={AREA}")
STORYBOARD_TOLERANCE = 0.5


def check(case: Case) -> Iterator[Finding]:
    sizes = case.view.sizes
    if POSTER in sizes and case.files.read(POSTER, 3) != JPEG:
        yield finding("Own poster", POSTER, "is no JPEG")
    named = _named(case)
    if STORYBOARD in sizes:
        shown: set[str] = set()
        yield from _storyboard(case, shown)
        named |= shown | {STORYBOARD}
    for path in OFFLINE:
        if path in sizes:
            yield from _offline(case, path)
    for path in sizes:
        if path not in named:
            yield finding("Own strays", path, "is named by nothing")


def _named(case: Case) -> set[str]:
    view = case.view
    renditions = {**view.renditions, **view.captions}
    files = {
        rendition.path(name)
        for rendition in renditions.values()
        for name in (rendition.playlist.init, *(s.uri for s in rendition.playlist.segments))
        if name
    }
    listed = {rendition.uri for rendition in renditions.values()}
    return {MASTER, MANIFEST, POSTER, *OFFLINE, *listed, *files}


def _seconds(parts: tuple[str, ...]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _storyboard(case: Case, shown: set[str]) -> Iterator[Finding]:
    """`shown` is filled with the pictures that it names."""
    text = case.files.read(STORYBOARD, MOST_TEXT).decode("utf-8", "replace").replace("\r\n", "\n")
    cues = CUE.findall(text)
    if not text.startswith("WEBVTT") or not cues or text.count("-->") != len(cues):
        yield finding("Own storyboard", STORYBOARD, "is no WebVTT of pictures")
        return
    expected = 0.0
    areas: dict[str, tuple[int, int]] = {}
    for cue in cues:
        begins, ends = _seconds(cue[:4]), _seconds(cue[4:8])
        if abs(begins - expected) > STORYBOARD_TOLERANCE or ends <= begins:
            yield finding("Own storyboard", STORYBOARD, f"has a gap at {expected:.1f} s")
        expected = ends
        x, y, width, height = map(int, cue[9:13])
        path = resolved(STORYBOARD, cue[8])
        right, bottom = areas.get(path, (0, 0))
        areas[path] = max(right, x + width), max(bottom, y + height)
    if case.duration - expected > STORYBOARD_TOLERANCE:
        yield finding("Own storyboard", STORYBOARD, f"ends at {expected:.1f} s")
    shown.update(areas)
    for path, area in areas.items():
        yield from _tile(case, path, area)


def _tile(case: Case, path: str, area: tuple[int, int]) -> Iterator[Finding]:
    if not case.view.sizes.get(path):
        yield finding("Own storyboard", path, "is named but not there")
        return
    size = jpeg_size(case.files.read(path, JPEG_HEAD))
    if size is None or area[0] > size[0] or area[1] > size[1]:
        yield finding("Own storyboard", path, "is no JPEG, or smaller than what it is cut into")


def jpeg_size(head: bytes) -> tuple[int, int] | None:
    """Width and height from the frame header."""
    at = 2 if head.startswith(JPEG) else len(head)
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = head[at + 5 : at + 7], head[at + 7 : at + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        at += 2 + max(2, length)
    return None


def _offline(case: Case, path: str) -> Iterator[Finding]:
    """`ftyp` first and `moov` before `mdat`: it plays while it is still being fetched."""
    size = case.view.sizes[path]
    kinds: list[bytes] = []
    at = 0
    try:
        while at < size and b"mdat" not in kinds:
            head = case.files.read(path, 16, at)
            box = next(boxes(head, 0, size - at))
            kinds, at = [*kinds, box.kind], at + box.end
    except (BrokenBoxes, StopIteration):
        kinds = []
    if kinds[:1] != [b"ftyp"] or b"moov" not in kinds or b"mdat" not in kinds:
        yield finding("Own offline", path, "is no MP4 with its index before its media")
    if case.view.encrypted:
        yield finding("Own encryption", path, "lies open beside encrypted segments")
