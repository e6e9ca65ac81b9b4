"""Source -> Plan: which rungs, how many pictures a second, how many bits. Pure.

A lecture is slides and a voice, or a camera. Slides need pixels and hardly any pictures; a
camera needs pictures. Either way the lowest rung with its sound stays below 300 kb/s, the line
of the poorest learner: a rung's worst stretch (half a segment, 3 s, by RFC 8216's definition of
peak) is (max_rate * 3 + buffer) / 3.
"""

from enum import StrEnum
from fractions import Fraction

import msgspec

from media_pipeline.judging.source import Motion, Source, VideoFacts

LOW_LINE = 300_000  # bits a second
AUDIO_ONLY_LIMIT = 192_000
SEGMENT_SECONDS = 6
SLIDE_RATE = Fraction(5)
FULL_RATE = Fraction(30)
LOW_CAMERA_RATE = Fraction(15)
# Fewer pictures would make a rendition end up to half a second away from its sound.
LEAST_RATE = Fraction(5)
CARD_SIZE = (1280, 720)
LONGEST_SIDE = 2560
SOUND_RATE = 48_000  # samples a second
# A source between two rungs gets one of its own size, if that is this much above the next.
WORTH_A_RUNG = Fraction(5, 4)


class Codec(StrEnum):
    H264 = "h264"
    AV1 = "av1"


class Ladder(StrEnum):
    SLIDES = "slides"
    CAMERA = "camera"
    CARD = "card"  # sound without a picture: a plain card stands in


class Quality(msgspec.Struct, frozen=True):
    """Constant quality under a ceiling; rates in bits a second, buffer in bits."""

    crf: int
    max_rate: int
    buffer: int


LOW_CAMERA = Quality(26, 170_000, 170_000)
# A slide's key picture is large and everything after it is nothing: less rate, more buffer.
LOW_SLIDES = Quality(28, 120_000, 360_000)
CAMERA_RUNGS = {
    1080: Quality(23, 4_500_000, 4_500_000),
    720: Quality(23, 2_000_000, 2_000_000),
    480: Quality(24, 800_000, 800_000),
    360: LOW_CAMERA,
}
SLIDE_RUNGS = {1080: Quality(28, 1_200_000, 2_400_000), 720: LOW_SLIDES}


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One video rendition. `gop` counts pictures; all rungs' key pictures fall together.

    A lecture is whole without an `optional` rung: if that fails, the author is told.
    """

    name: str
    width: int
    height: int
    frame_rate: str
    gop: int
    quality: Quality
    preset: str
    codec: Codec = Codec.H264
    optional: bool = False

    @property
    def rate(self) -> Fraction:
        return Fraction(self.frame_rate)


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
    last one None: however long the lecture turns out to be."""

    number: int
    start: str = "0/1"
    end: str | None = None

    @property
    def starts_at(self) -> Fraction:
        return Fraction(self.start)

    @property
    def ends_at(self) -> Fraction | None:
        return Fraction(self.end) if self.end is not None else None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`hold_seconds`: how long the last picture stands still because the sound goes on."""

    chunks: tuple[Chunk, ...] = (Chunk(0),)
    encrypt: bool = False

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


def even(length: Fraction | int) -> int:
    """Rounded down to even: 4:2:0 pictures have no odd sides. At least 2."""
    return max(2, int(length) // 2 * 2)


def usable_short_side(video: VideoFacts) -> Fraction:
    """The short side, less where a very long picture has to shrink to LONGEST_SIDE."""
    short, long = sorted((video.width, video.height))
    return short * min(Fraction(1), Fraction(LONGEST_SIDE, long))


def fit(width: int, height: int, short_side: int) -> tuple[int, int]:
    """Scaled so that the short side is `short_side`, never up; both sides even."""
    factor = min(Fraction(1), Fraction(short_side, min(width, height)))
    return even(width * factor), even(height * factor)


def short_sides(short: Fraction, rungs: dict[int, Quality]) -> list[int]:
    """Sizes worth encoding for a source whose short side is `short`, largest first."""
    fitting = [side for side in rungs if side <= short]
    if not fitting:
        return [even(short)]
    between = short > WORTH_A_RUNG * fitting[0] and fitting[0] != max(rungs)
    return [even(short), *fitting] if between else fitting


def quality_for(side: int, rungs: dict[int, Quality]) -> Quality:
    """That of the smallest standard rung which is no smaller."""
    return rungs[min((rung for rung in rungs if rung >= side), default=max(rungs))]


def camera_rate(video: VideoFacts) -> Fraction:
    """Constant, 5 to 30: 50 and 60 are halved; an uneven average becomes a whole number."""
    rate = video.rate
    while rate > FULL_RATE:
        rate /= 2
    return max(LEAST_RATE, Fraction(round(rate)) if video.variable_rate else rate)


def _gop(rate: Fraction, seconds: int) -> int:
    """Pictures in a group; even, so that a rung of half the rate keeps the same key times."""
    return max(2, round(rate * seconds / 2) * 2)


def _rung(size: tuple[int, int], rate: Fraction, gop: int, quality: Quality, preset: str) -> Rung:
    return Rung(
        name=f"{min(size)}p",
        width=size[0],
        height=size[1],
        frame_rate=f"{rate.numerator}/{rate.denominator}",
        gop=gop,
        quality=quality,
        preset=preset,
    )


def slide_rungs(video: VideoFacts) -> tuple[Rung, ...]:
    rate = min(SLIDE_RATE, camera_rate(video))
    gop = _gop(rate, SEGMENT_SECONDS)
    sides = short_sides(usable_short_side(video), SLIDE_RUNGS)
    return tuple(
        _rung(fit(video.width, video.height, side), rate, gop, quality, "fast")
        for side in sides
        for quality in [LOW_SLIDES if side == sides[-1] else quality_for(side, SLIDE_RUNGS)]
    )


def camera_rungs(video: VideoFacts) -> tuple[Rung, ...]:
    rate = camera_rate(video)
    gop = _gop(rate, SEGMENT_SECONDS // 3)
    sides = short_sides(usable_short_side(video), CAMERA_RUNGS)
    halved = rate > LOW_CAMERA_RATE
    *upper, low = [fit(video.width, video.height, side) for side in sides]
    rungs = [
        _rung(size, rate, gop, quality_for(side, CAMERA_RUNGS), "veryfast")
        for size, side in zip(upper, sides, strict=False)
    ]
    low_rate, low_gop = (rate / 2, gop // 2) if halved else (rate, gop)
    return (*rungs, _rung(low, low_rate, low_gop, LOW_CAMERA, "veryfast"))


def card_rungs() -> tuple[Rung, ...]:
    gop = _gop(LEAST_RATE, SEGMENT_SECONDS)
    return (_rung(CARD_SIZE, LEAST_RATE, gop, LOW_SLIDES, "fast"),)


def plan_sound(source: Source, ladder: Ladder) -> Sound | None:
    """Speech over slides is mono. A silent source stays silent: players take a stream without
    sound, and an invented track would tell a deaf learner's captions tool that there is some."""
    if source.audio is None:
        return None
    if source.audio.channels >= 2 and ladder is Ladder.CAMERA:
        return Sound(channels=2, bit_rate=64_000)
    return Sound(channels=1, bit_rate=48_000)


def _ladder(source: Source) -> tuple[Ladder, tuple[Rung, ...]]:
    if source.video is None:
        return Ladder.CARD, card_rungs()
    if source.motion is Motion.SLIDES:
        return Ladder.SLIDES, slide_rungs(source.video)
    return Ladder.CAMERA, camera_rungs(source.video)


def _segment_seconds(rung: Rung) -> float:
    """Whole groups of pictures, as near to six seconds as they come."""
    group = rung.gop / rung.rate
    return float(group * max(1, round(SEGMENT_SECONDS / group)))


def plan(source: Source, wishes: Wishes = NO_WISHES) -> Plan:
    ladder, rungs = _ladder(source)
    video, duration = source.video, source.duration
    return Plan(
        encrypt=wishes.encrypt,
        ladder=ladder,
        rungs=rungs,
        sound=plan_sound(source, ladder),
        duration=duration,
        hold_seconds=max(0.0, duration - video.ends_at) if video else 0.0,
        segment_seconds=_segment_seconds(rungs[0]),
        deinterlace=bool(video and video.interlaced),
        tone_map=bool(video and video.hdr),
        poster_at=min(duration / 10, 60.0),
        encode_timeout=300 + 20 * duration,
        loudness_timeout=120 + duration,
        package_timeout=120 + duration / 10,
    )
