"""HLS playlists (RFC 8216) as values. Pure: text in, structs out."""

import re

import msgspec

ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)')
ATTRIBUTE_LIST = re.compile(r'([A-Z0-9-]+=("[^"\r\n]*"|[^",\s][^",]*)(,(?=[A-Z0-9-]+=)|$))+')
LONGEST_SEGMENT = 1_000_000.0  # seconds
HIGHEST_RATE = 1e15  # bits a second; where a duration is next to nothing
HALF, ONE_AND_A_HALF = 0.5, 1.5


class Key(msgspec.Struct, frozen=True):
    """An EXT-X-KEY with a method other than NONE; `iv` as written, None where left out."""

    method: str
    uri: str
    iv: str | None = None


class Segment(msgspec.Struct, frozen=True):
    """`length` and `offset` in bytes where the entry is a byte range; `number` is its media
    sequence number."""

    uri: str
    seconds: float
    length: int | None = None
    offset: int = 0
    init: str | None = None
    key: Key | None = None
    number: int = 0


class MediaPlaylist(msgspec.Struct, frozen=True, kw_only=True):
    """`init_key` is the key in force where the map stands. `untimed` counts segments without
    EXTINF."""

    version: int = 1
    target: int
    kind: str | None = None
    init: str | None
    init_key: Key | None = None
    segments: tuple[Segment, ...]
    ended: bool
    key_pictures: bool = False
    independent: bool = False
    untimed: int = 0

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
        return self._number("BANDWIDTH")

    @property
    def average_bandwidth(self) -> int:
        return self._number("AVERAGE-BANDWIDTH")

    def _number(self, name: str) -> int:
        """0 where it is missing or no number."""
        try:
            return _number(self.attributes.get(name, ""))
        except ValueError:
            return 0

    @property
    def codecs(self) -> tuple[str, ...]:
        return tuple(filter(None, self.attributes.get("CODECS", "").split(",")))

    @property
    def shows_pictures(self) -> bool:
        return "RESOLUTION" in self.attributes or any(
            codec.startswith(("avc", "av01", "hvc", "hev", "vp")) for codec in self.codecs
        )


class MasterPlaylist(msgspec.Struct, frozen=True, kw_only=True):
    independent: bool
    variants: tuple[Entry, ...]
    sounds: tuple[Entry, ...]
    key_pictures: tuple[Entry, ...]
    captions: tuple[Entry, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        return (*self.variants, *self.sounds, *self.key_pictures, *self.captions)


def attributes(text: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in ATTRIBUTE.findall(text)}


def well_formed(text: str) -> bool:
    """Whether it is an attribute list of RFC 8216 §4.2: no name twice, quotes closed."""
    names = [name for name, _ in ATTRIBUTE.findall(text)]
    return ATTRIBUTE_LIST.fullmatch(text) is not None and len(set(names)) == len(names)


def _number(text: str) -> int:
    """Raises ValueError for what is no decimal-integer of RFC 8216 §4.2."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise ValueError(f"{text[:40]!r} is no decimal integer")
    return int(text)


def _seconds(text: str) -> float:
    seconds = float(text.partition(",")[0])
    if not 0 <= seconds <= LONGEST_SEGMENT:
        raise ValueError(f"{text[:40]!r} is no duration")
    return seconds


def _key(text: str) -> Key | None:
    named = attributes(text)
    method = named.get("METHOD", "")
    return None if method == "NONE" else Key(method, named.get("URI", ""), named.get("IV"))


class _MediaReader:
    """What has been said so far while the lines of a media playlist pass by."""

    def __init__(self) -> None:
        self.version, self.target, self.number, self.untimed = 1, 0, 0, 0
        self.kind: str | None = None
        self.init: str | None = None
        self.first_init: tuple[str | None, Key | None] | None = None
        self.key: Key | None = None
        self.flags: set[str] = set()
        self.segments: list[Segment] = []
        self.seconds: float | None = None
        self.range: tuple[int, int | None] | None = None

    def take(self, line: str) -> None:
        tag, _, rest = line.partition(":")
        if not line.startswith("#"):
            self._segment(line)
        elif tag == "#EXTINF":
            self.seconds = _seconds(rest)
        elif tag == "#EXT-X-BYTERANGE":
            length, _, offset = rest.partition("@")
            self.range = _number(length), _number(offset) if offset else None
        elif tag == "#EXT-X-KEY":
            self.key = _key(rest)
        elif tag == "#EXT-X-MAP":
            self.init = attributes(rest).get("URI")
            self.first_init = self.first_init or (self.init, self.key)
        else:
            self._header(tag, rest)

    def _header(self, tag: str, rest: str) -> None:
        if tag == "#EXT-X-VERSION":
            self.version = _number(rest)
        elif tag == "#EXT-X-TARGETDURATION":
            self.target = _number(rest)
        elif tag == "#EXT-X-MEDIA-SEQUENCE":
            self.number = _number(rest)
        elif tag == "#EXT-X-PLAYLIST-TYPE":
            self.kind = rest
        else:
            self.flags.add(tag)

    def _segment(self, uri: str) -> None:
        length, offset = self.range or (None, 0)
        if offset is None:
            before = self.segments[-1] if self.segments else None
            joined = before is not None and before.uri == uri and before.length is not None
            offset = before.offset + (before.length or 0) if before and joined else 0
        self.untimed += self.seconds is None
        seconds = self.seconds or 0.0
        made = Segment(uri, seconds, length, offset, self.init, self.key, self.number)
        self.segments.append(made)
        self.number, self.seconds, self.range = self.number + 1, None, None


def parse_media(text: str) -> MediaPlaylist:
    """Raises ValueError where a number is none."""
    reader = _MediaReader()
    for line in text.splitlines():
        if stripped := line.strip():
            reader.take(stripped)
    init, init_key = reader.first_init or (None, None)
    return MediaPlaylist(
        version=reader.version,
        target=reader.target,
        kind=reader.kind,
        init=init,
        init_key=init_key,
        segments=tuple(reader.segments),
        ended="#EXT-X-ENDLIST" in reader.flags,
        key_pictures="#EXT-X-I-FRAMES-ONLY" in reader.flags,
        independent="#EXT-X-INDEPENDENT-SEGMENTS" in reader.flags,
        untimed=reader.untimed,
    )


def parse_master(text: str) -> MasterPlaylist:
    entries: list[Entry] = []
    lines = [line.strip() for line in text.splitlines()]
    for line, following in zip(lines, [*lines[1:], ""], strict=False):
        tag, _, rest = line.removeprefix("#").partition(":")
        named = attributes(rest)
        if tag == "EXT-X-STREAM-INF":
            entries.append(Entry(tag, named, "" if following.startswith("#") else following))
        elif tag in ("EXT-X-MEDIA", "EXT-X-I-FRAME-STREAM-INF"):
            entries.append(Entry(tag, named, named.get("URI", "")))

    def of(tag: str, kind: str | None = None) -> tuple[Entry, ...]:
        return tuple(e for e in entries if (e.tag, e.attributes.get("TYPE")) == (tag, kind))

    return MasterPlaylist(
        independent="#EXT-X-INDEPENDENT-SEGMENTS" in lines,
        variants=of("EXT-X-STREAM-INF"),
        sounds=of("EXT-X-MEDIA", "AUDIO"),
        key_pictures=of("EXT-X-I-FRAME-STREAM-INF"),
        captions=of("EXT-X-MEDIA", "SUBTITLES"),
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
            if seconds and seconds >= target * HALF:
                peak = max(peak, min(bits / seconds, HIGHEST_RATE))
    return int(peak) or average_rate(sizes)


def average_rate(sizes: list[tuple[int, float]]) -> int:
    seconds = sum(length for _, length in sizes)
    bits = sum(size for size, _ in sizes) * 8
    return int(min(bits / seconds, HIGHEST_RATE)) if seconds else 0
