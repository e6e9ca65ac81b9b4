"""Source -> Plan: all that is decided about a lecture before anything is encoded. Pure."""

import math
from fractions import Fraction

import msgspec

from media_pipeline.judging.source import Source
from media_pipeline.ladders import (
    CARD_SIZE,
    FULL_RATE,
    LEAST_RATE,
    LONGEST_SIDE,
    LOW_LINE,
    SEGMENT_SECONDS,
    SLIDE_RATE,
    Codec,
    Ladder,
    Quality,
    Rung,
    choose,
    even,
    segment_length,
)

__all__ = [
    "AUDIO_ONLY_LIMIT",
    "CARD_SIZE",
    "CHUNK_SECONDS",
    "FULL_RATE",
    "LEAST_RATE",
    "LONGEST_SIDE",
    "LOW_LINE",
    "MOST_TILES",
    "NO_WISHES",
    "SEGMENT_SECONDS",
    "SLIDE_RATE",
    "SOUND_RATE",
    "Chunk",
    "Codec",
    "Ladder",
    "Offline",
    "Plan",
    "Quality",
    "Rung",
    "Sound",
    "Storyboard",
    "Wishes",
    "plan",
]

AUDIO_ONLY_LIMIT = 192_000  # bits a second
SOUND_RATE = 48_000  # samples a second
OFFLINE_CAMERA_SIDE = 480
CHUNK_SECONDS = 300.0
# Containers with an index of key pictures (ffprobe's names), where a seek finds the last one at or
# before any second. Elsewhere it guesses from the bit rate, and pieces would gap or overlap.
SEEK_EXACTLY = {"mov", "matroska", "avi", "asf"}
MOST_TILES = 200
TILE_SIDES = (108, 320)  # short, long
CLOSEST_TILES = 2  # seconds


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    channels: int
    bit_rate: int
    name: str = "audio"


class Wishes(msgspec.Struct, frozen=True):
    """What the author asked for: an AV1 rung for slides, segments encrypted with AES-128."""

    av1: bool = False
    encrypt: bool = False


NO_WISHES = Wishes()


class Chunk(msgspec.Struct, frozen=True):
    """A stretch of whole segments that one worker encodes; seconds as fractions, `end` of the
    last one None: however long the lecture turns out to be.

    The picture that is seen at `start` may have begun long before it: slides drop frames.
    """

    number: int
    start: str = "0/1"
    end: str | None = None

    @property
    def starts_at(self) -> Fraction:
        return Fraction(self.start)

    @property
    def ends_at(self) -> Fraction | None:
        return Fraction(self.end) if self.end is not None else None


class Storyboard(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures for scrubbing, one every `interval` seconds; `columns` x `rows` of them a sheet."""

    interval: float
    width: int
    height: int
    columns: int = 5
    rows: int = 5


class Offline(msgspec.Struct, frozen=True):
    """What is taken along: lecture.mp4 of this rung with the sound, and the sound alone."""

    rung: str
    sound: bool


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`hold_seconds`: how long the last picture stands still because the sound goes on.

    Rungs stand largest first; an AV1 rung comes after them all.
    """

    chunks: tuple[Chunk, ...] = (Chunk(0),)
    encrypt: bool = False
    storyboard: Storyboard | None = None
    offline: Offline | None = None

    ladder: Ladder
    rungs: tuple[Rung, ...]
    sound: Sound | None
    duration: float
    hold_seconds: float
    segment_seconds: float
    deinterlace: bool
    tone_map: bool
    poster_at: float
    encode_timeout: float
    loudness_timeout: float
    package_timeout: float

    @property
    def full_rate(self) -> str:
        return self.rungs[0].frame_rate

    @property
    def segment(self) -> Fraction:
        """Seconds, exactly; `segment_seconds` is the nearest float."""
        return segment_length(self.rungs[0])

    def timeout_of(self, chunk: Chunk) -> float:
        """Seconds that encoding this chunk may take."""
        until = float(chunk.ends_at) if chunk.ends_at is not None else self.duration
        return encode_timeout(max(0.0, until - float(chunk.starts_at)))


def encode_timeout(duration: float) -> float:
    """A tenth of this is usual; the rest is for small machines that do other things too."""
    return 300 + 20 * duration


def plan_sound(source: Source, ladder: Ladder) -> Sound | None:
    """Speech over slides is mono. A silent source stays silent: players take a stream without
    sound, and an invented track would tell a deaf learner's captions tool that there is some."""
    if source.audio is None:
        return None
    two_sides = source.audio.channels >= 2 and source.audio.only_channel is None
    if two_sides and ladder is Ladder.CAMERA:
        return Sound(channels=2, bit_rate=64_000)
    return Sound(channels=1, bit_rate=48_000)


def plan_chunks(source: Source, segment: Fraction, chunk_seconds: float) -> tuple[Chunk, ...]:
    """Pieces of whole segments; the last is between half a piece and one and a half.

    Only where there are pictures: those after the last picture belong to the piece that holds it.
    """
    if source.video is None or source.container.split(",")[0] not in SEEK_EXACTLY:
        return (Chunk(0),)
    if source.duration <= 2 * chunk_seconds:
        return (Chunk(0),)
    piece = segment * max(1, round(Fraction(chunk_seconds) / segment))
    count = max(1, math.floor(Fraction(source.video.ends_at) / piece + Fraction(1, 2)))
    ends = [f"{at.numerator}/{at.denominator}" for at in (piece * n for n in range(count))]
    return tuple(
        Chunk(number, start, end)
        for number, (start, end) in enumerate(zip(ends, [*ends[1:], None], strict=True))
    )


def plan_storyboard(source: Source) -> Storyboard | None:
    """At most 200 pictures however long the lecture, so that they stay some 400 kB."""
    if source.video is None:
        return None
    short, long = sorted((source.video.width, source.video.height))
    factor = min(Fraction(1), Fraction(TILE_SIDES[0], short), Fraction(TILE_SIDES[1], long))
    return Storyboard(
        interval=float(max(CLOSEST_TILES, math.ceil(source.duration / MOST_TILES))),
        width=even(source.video.width * factor),
        height=even(source.video.height * factor),
    )


def plan_offline(ladder: Ladder, rungs: tuple[Rung, ...], sound: Sound | None) -> Offline:
    """Slides are small at any size: the lowest. A camera's 480p or what comes nearest."""
    base = [rung for rung in rungs if not rung.optional]
    if ladder is Ladder.CAMERA:
        base.sort(key=lambda rung: abs(min(rung.width, rung.height) - OFFLINE_CAMERA_SIDE))
        return Offline(base[0].name, sound is not None)
    return Offline(base[-1].name, sound is not None)


def plan(
    source: Source, wishes: Wishes = NO_WISHES, *, chunk_seconds: float = CHUNK_SECONDS
) -> Plan:
    ladder, rungs = choose(source, av1=wishes.av1)
    video, duration = source.video, source.duration
    segment, sound = segment_length(rungs[0]), plan_sound(source, ladder)
    return Plan(
        chunks=plan_chunks(source, segment, chunk_seconds),
        encrypt=wishes.encrypt,
        # A file to keep is a file to pass on: who asks for encryption wants none.
        offline=None if wishes.encrypt else plan_offline(ladder, rungs, sound),
        storyboard=plan_storyboard(source),
        ladder=ladder,
        rungs=rungs,
        sound=sound,
        duration=duration,
        hold_seconds=max(0.0, duration - video.ends_at) if video else 0.0,
        segment_seconds=float(segment),
        deinterlace=bool(video and video.interlaced),
        tone_map=bool(video and video.hdr),
        poster_at=min(duration / 10, 60.0),
        encode_timeout=encode_timeout(duration),
        loudness_timeout=120 + duration,
        package_timeout=120 + duration / 10,
    )
