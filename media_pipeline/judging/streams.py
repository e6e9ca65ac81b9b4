"""ffprobe's answer -> facts. Pure: takes the JSON it printed."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, cast

import msgspec

from media_pipeline.judging.source import INTERLACED_ORDERS, AudioFacts, VideoFacts

HIGHEST_RATE = 120
FALLBACK_RATE = Fraction(25)


class SideData(msgspec.Struct):
    rotation: float = 0.0


class Stream(msgspec.Struct):
    """The part of a stream's ffprobe entry that we read; ffprobe writes numbers as text."""

    index: int
    codec_type: str = ""
    codec_name: str = ""
    width: int = 0
    height: int = 0
    sample_aspect_ratio: str = "1:1"
    pix_fmt: str = ""
    field_order: str = ""
    color_transfer: str = ""
    r_frame_rate: str = "0/0"
    avg_frame_rate: str = "0/0"
    duration: str | None = None
    channels: int = 0
    sample_rate: str = "0"
    disposition: dict[str, int] = {}
    tags: dict[str, str] = {}
    side_data_list: list[SideData] = []

    @property
    def is_cover(self) -> bool:
        """Cover art and chapter pictures are streams of one picture, not the lecture's video."""
        return any(self.disposition.get(kind) for kind in ("attached_pic", "timed_thumbnails"))


class Format(msgspec.Struct):
    format_name: str = ""
    duration: str | None = None
    start_time: str | None = None


class Report(msgspec.Struct):
    streams: list[Stream] = []
    format: Format = msgspec.field(default_factory=Format)


def _best(streams: list[Stream]) -> Stream | None:
    """The stream marked default, otherwise the first."""
    marked = [stream for stream in streams if stream.disposition.get("default")]
    return next(iter(marked or streams), None)


def video_stream(report: Report) -> Stream | None:
    return _best(
        [
            stream
            for stream in report.streams
            if stream.codec_type == "video" and stream.width and not stream.is_cover
        ]
    )


def audio_stream(report: Report) -> Stream | None:
    return _best(
        [
            stream
            for stream in report.streams
            if stream.codec_type == "audio" and stream.channels and int(stream.sample_rate)
        ]
    )


def _rate(text: str) -> Fraction | None:
    over, _, under = text.partition("/")
    if not (over.isdigit() and under.isdigit() and int(over) and int(under)):
        return None
    rate = Fraction(int(over), int(under))
    return rate if rate <= HIGHEST_RATE else None


def frame_rate(stream: Stream) -> tuple[Fraction, bool]:
    """Average rate and whether it varies: phones and screen recorders drop frames at rest."""
    nominal, average = _rate(stream.r_frame_rate), _rate(stream.avg_frame_rate)
    rate = average or nominal or FALLBACK_RATE
    varies = nominal is None or abs(nominal - rate) / rate > Fraction(1, 100)
    return rate, varies


def rotation(stream: Stream) -> Literal[0, 90, 180, 270]:
    angle = next((side.rotation for side in stream.side_data_list if side.rotation), 0.0)
    return cast(Literal[0, 90, 180, 270], round(angle / 90) * 90 % 360)


def shown_size(stream: Stream) -> tuple[int, int]:
    over, _, under = stream.sample_aspect_ratio.partition(":")
    aspect = Fraction(int(over), int(under)) if over.isdigit() and int(under or 0) else Fraction(1)
    width = round(stream.width * aspect) if Fraction(1, 8) < aspect < 8 else stream.width
    turned = rotation(stream) in (90, 270)
    return (stream.height, width) if turned else (width, stream.height)


def seconds(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def declared_seconds(stream: Stream) -> float | None:
    """What the stream itself claims; Matroska writes it as a tag `DURATION` h:m:s."""
    clock = stream.tags.get("DURATION", "").split(":")
    if stream.duration is None and len(clock) == 3:
        hours, minutes, rest = (seconds(part) or 0.0 for part in clock)
        return hours * 3600 + minutes * 60 + rest
    return seconds(stream.duration)


def video_facts(stream: Stream, ends_at: float) -> VideoFacts:
    rate, varies = frame_rate(stream)
    width, height = shown_size(stream)
    return VideoFacts(
        index=stream.index,
        codec=stream.codec_name,
        width=width,
        height=height,
        rotation=rotation(stream),
        frame_rate=f"{rate.numerator}/{rate.denominator}",
        variable_rate=varies,
        interlaced=stream.field_order in INTERLACED_ORDERS,
        transfer=stream.color_transfer,
        pixel_format=stream.pix_fmt,
        ends_at=ends_at,
    )


def audio_facts(stream: Stream, ends_at: float) -> AudioFacts:
    return AudioFacts(
        index=stream.index,
        codec=stream.codec_name,
        channels=stream.channels,
        sample_rate=int(stream.sample_rate),
        ends_at=ends_at,
    )


class PacketEnds:
    """Where the packets of each stream really end, from ffprobe's compact packet lines."""

    def __init__(self) -> None:
        self.ends: dict[int, float] = {}

    def take(self, line: str) -> None:
        """`index,pts_time,duration_time`; either time may be N/A."""
        index, *times = line.split(",")
        at = seconds(times[0]) if times else None
        if at is None or not index.isdigit():
            return
        length = (seconds(times[1]) if len(times) > 1 else None) or 0.0
        self.ends[int(index)] = max(self.ends.get(int(index), 0.0), at + length)

    def from_start(self, start: float) -> Mapping[int, float]:
        return {index: end - start for index, end in self.ends.items()}
