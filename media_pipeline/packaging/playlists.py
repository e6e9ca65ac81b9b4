"""HLS playlists (RFC 8216) as values. Pure: text in, structs out."""

import re

import msgspec

ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)')
HALF, ONE_AND_A_HALF = 0.5, 1.5


class Segment(msgspec.Struct, frozen=True):
    """`length` and `offset` in bytes where the entry is a byte range."""

    uri: str
    seconds: float
    length: int | None = None
    offset: int = 0


class MediaPlaylist(msgspec.Struct, frozen=True, kw_only=True):
    target: int
    init: str | None
    segments: tuple[Segment, ...]
    ended: bool

    @property
    def seconds(self) -> float:
        return sum(segment.seconds for segment in self.segments)


class Entry(msgspec.Struct, frozen=True):
    """A line of a master playlist that names another: its tag, attributes, address."""

    tag: str
    attributes: dict[str, str]
    uri: str

    @property
    def bandwidth(self) -> int:
        return int(self.attributes.get("BANDWIDTH", "0"))


class MasterPlaylist(msgspec.Struct, frozen=True, kw_only=True):
    independent: bool
    variants: tuple[Entry, ...]
    sounds: tuple[Entry, ...]
    key_pictures: tuple[Entry, ...]


def attributes(text: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in ATTRIBUTE.findall(text)}


def _tagged(text: str, tag: str) -> str | None:
    found = re.search(rf"^#{tag}:(.*)$", text, re.MULTILINE)
    return found[1] if found else None


def _byte_range(value: str) -> tuple[int, int]:
    length, _, offset = value.partition("@")
    return int(length), int(offset or 0)


def parse_media(text: str) -> MediaPlaylist:
    segments, seconds, length, offset = [], 0.0, None, 0
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("#EXTINF:"):
            seconds = float(line.removeprefix("#EXTINF:").split(",")[0])
        elif line.startswith("#EXT-X-BYTERANGE:"):
            length, offset = _byte_range(line.removeprefix("#EXT-X-BYTERANGE:"))
        elif line and not line.startswith("#"):
            segments.append(Segment(line, seconds, length, offset))
            seconds, length, offset = 0.0, None, 0
    return MediaPlaylist(
        target=int(_tagged(text, "EXT-X-TARGETDURATION") or 0),
        init=attributes(_tagged(text, "EXT-X-MAP") or "").get("URI"),
        segments=tuple(segments),
        ended="#EXT-X-ENDLIST" in text,
    )


def parse_master(text: str) -> MasterPlaylist:
    entries: list[Entry] = []
    lines = [line.strip() for line in text.splitlines()]
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        tag, _, rest = line.removeprefix("#").partition(":")
        named = attributes(rest)
        if tag == "EXT-X-STREAM-INF":
            entries.append(Entry(tag, named, following))
        elif tag in ("EXT-X-MEDIA", "EXT-X-I-FRAME-STREAM-INF"):
            entries.append(Entry(tag, named, named.get("URI", "")))
    return MasterPlaylist(
        independent="#EXT-X-INDEPENDENT-SEGMENTS" in lines,
        variants=tuple(entry for entry in entries if entry.tag == "EXT-X-STREAM-INF"),
        sounds=tuple(entry for entry in entries if entry.tag == "EXT-X-MEDIA"),
        key_pictures=tuple(entry for entry in entries if entry.tag == "EXT-X-I-FRAME-STREAM-INF"),
    )


def target_duration(seconds: list[float]) -> int:
    """RFC 8216 §4.3.3.1: no segment, rounded to the nearest second, is longer."""
    return max(1, *(int(length + 0.5) for length in seconds)) if seconds else 1


def peak_rate(sizes: list[tuple[int, float]], target: int) -> int:
    """Peak segment bit rate by RFC 8216 §4.1 from (bytes, seconds): the highest rate of any run
    of segments that lasts between half and one and a half target durations."""
    peak = 0.0
    for start in range(len(sizes)):
        bits, seconds = 0, 0.0
        for size, length in sizes[start:]:
            bits, seconds = bits + size * 8, seconds + length
            if seconds > target * ONE_AND_A_HALF:
                break
            if seconds >= target * HALF:
                peak = max(peak, bits / seconds)
    return int(peak) or average_rate(sizes)


def average_rate(sizes: list[tuple[int, float]]) -> int:
    seconds = sum(length for _, length in sizes)
    return int(sum(size for size, _ in sizes) * 8 / seconds) if seconds else 0
