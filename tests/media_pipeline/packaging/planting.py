"""One fault at a time, planted into a package held in memory."""

import re
from collections.abc import Callable

from media_pipeline.packaging.boxes import BrokenBoxes, boxes, read_track

Contents = dict[str, bytes]
Plant = Callable[[Contents], None]


def rewrite(name: str, pattern: str, replacement: str, *, count: int = 1) -> Plant:
    def plant(contents: Contents) -> None:
        text = contents[name].decode()
        changed = re.sub(pattern, replacement, text, count=count)
        assert changed != text, "the fault was not planted"
        contents[name] = changed.encode()

    return plant


def remove(name: str) -> Plant:
    def plant(contents: Contents) -> None:
        del contents[name]

    return plant


def fill(name: str, content: bytes) -> Plant:
    def plant(contents: Contents) -> None:
        contents[name] = content

    return plant


def together(*plants: Plant) -> Plant:
    def plant(contents: Contents) -> None:
        for one in plants:
            one(contents)

    return plant


def found(content: bytes, *path: bytes) -> tuple[int, int]:
    """Where the content of the box at that path starts and ends."""
    start, end = 0, len(content)
    for kind in path:
        box = next(box for box in boxes(content, start, end) if box.kind == kind)
        start, end = box.body, box.end
        if kind == b"stsd":
            start += 8
        elif kind == b"avc1":
            start += 78
    return start, end


def poke(name: str, offset: int, value: bytes, *path: bytes) -> Plant:
    """Writes over some bytes of the box at that path; `offset` counts from its content."""

    def plant(contents: Contents) -> None:
        start = found(contents[name], *path)[0] + offset
        changed = contents[name][:start] + value + contents[name][start + len(value) :]
        assert changed != contents[name], "the fault was not planted"
        contents[name] = changed

    return plant


def shift(folder: str, seconds: float, *, first: int = 1) -> Plant:
    """Every segment from number `first` on is decoded that much later."""

    def plant(contents: Contents) -> None:
        ticks = round(seconds * read_track(contents[f"{folder}/init.mp4"]).timescale)
        names = sorted(n for n in contents if n.startswith(f"{folder}/") and n.endswith(".m4s"))
        for name in names[first - 1 :]:
            at, end = found(contents[name], b"moof", b"traf", b"tfdt")
            time = int.from_bytes(contents[name][at + 4 : end], "big") + ticks
            moved = time.to_bytes(end - at - 4, "big")
            contents[name] = contents[name][: at + 4] + moved + contents[name][end:]

    return plant


def no_idr(name: str) -> Plant:
    """The first picture is a plain slice, whatever the sample's flags say."""

    def plant(contents: Contents) -> None:
        content = bytearray(contents[name])
        at, end = found(contents[name], b"mdat")
        while at + 5 <= end:
            if content[at + 4] & 31 == 5:
                content[at + 4] = content[at + 4] & 0xE0 | 1
                contents[name] = bytes(content)
                return
            at += 4 + int.from_bytes(content[at : at + 4], "big")
        raise BrokenBoxes("there was no IDR picture to begin with")

    return plant
