"""Which rungs a lecture gets: sizes, rates, ceilings. Pure.

A lecture is slides and a voice, slides with a speaker in a corner, or a camera. Slides need pixels
and hardly any pictures; a camera needs pictures. Either way the lowest rung with its sound stays
below 300 kb/s, the line of the poorest learner: a rung's worst stretch (half a segment, 3 s, by
RFC 8216's definition of peak) is (max_rate * 3 + buffer) / 3.
"""

from enum import StrEnum
from fractions import Fraction

import msgspec

from media_pipeline.judging.source import Motion, Source, VideoFacts

LOW_LINE = 300_000  # bits a second
SEGMENT_SECONDS = 6
SLIDE_RATE = Fraction(5)
FULL_RATE = Fraction(30)
LOW_CAMERA_RATE = Fraction(15)
MIXED_RATE = Fraction(15)
LEAST_MIXED_SIDE = 720
# Fewer pictures would make a rendition end up to half a second away from its sound.
LEAST_RATE = Fraction(5)
CARD_SIZE = (1280, 720)
LONGEST_SIDE = 2560
# A source between two rungs gets one of its own size, if that is this much above the next.
WORTH_A_RUNG = Fraction(5, 4)


class Codec(StrEnum):
    H264 = "h264"
    AV1 = "av1"


class Ladder(StrEnum):
    SLIDES = "slides"
    MIXED = "mixed"
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
# Measured at 150 kb/s: 720 lines at half the rate read better (VMAF 76) than 480 at all of it (64).
LOW_MIXED = Quality(28, 150_000, 270_000)
MIXED_RUNGS = {1080: Quality(25, 2_000_000, 4_000_000), 720: Quality(25, 1_200_000, 2_400_000)}
LOW_MIXED_SIDES = (720, 480)
# Measured beside H.264 at equal VMAF: a sixth fewer bits on slides, a quarter on mixed.
AV1_PRESET = "8"
AV1_QUALITY = {
    Ladder.SLIDES: Quality(50, 800_000, 1_600_000),
    Ladder.MIXED: Quality(46, 1_400_000, 2_800_000),
}


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One video rendition. `gop` counts pictures; all rungs' key pictures fall together.

    `preset` is the encoder's own: a word for libx264, a number for libsvtav1; so is the quality's
    `crf`. A lecture is whole without an `optional` rung: if that fails, the author is told.
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
        _rung(fit(video.width, video.height, side), rate, gop, quality, "veryfast")
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


def mixed_rate(video: VideoFacts) -> Fraction:
    rate = camera_rate(video)
    return rate / 2 if rate > max(MIXED_RATE, 2 * LEAST_RATE) else rate


def mixed_rungs(video: VideoFacts) -> tuple[Rung, ...]:
    """Slides with a speaker's window or a clip: the pixels of slides at half a camera's rate."""
    rate = mixed_rate(video)
    gop = _gop(rate, SEGMENT_SECONDS)
    top = short_sides(usable_short_side(video), MIXED_RUNGS)[0]
    low = next(side for side in LOW_MIXED_SIDES if side < top)
    low_rate, low_gop = (rate / 2, gop // 2) if rate >= 2 * LEAST_RATE else (rate, gop)
    quality = quality_for(top, MIXED_RUNGS)
    return (
        _rung(fit(video.width, video.height, top), rate, gop, quality, "veryfast"),
        _rung(fit(video.width, video.height, low), low_rate, low_gop, LOW_MIXED, "fast"),
    )


def card_rungs() -> tuple[Rung, ...]:
    gop = _gop(LEAST_RATE, SEGMENT_SECONDS)
    return (_rung(CARD_SIZE, LEAST_RATE, gop, LOW_SLIDES, "fast"),)


def av1_rung(top: Rung, ladder: Ladder) -> Rung:
    """The top rung's pictures once more, for players that have AV1: same times, fewer bits."""
    ceiling = AV1_QUALITY[ladder]
    quality = Quality(
        ceiling.crf,
        min(ceiling.max_rate, top.quality.max_rate),
        min(ceiling.buffer, top.quality.buffer),
    )
    return msgspec.structs.replace(
        top,
        name=f"{top.name}-av1",
        codec=Codec.AV1,
        preset=AV1_PRESET,
        quality=quality,
        optional=True,
    )


RUNGS_OF = {
    Motion.SLIDES: (Ladder.SLIDES, slide_rungs),
    Motion.MIXED: (Ladder.MIXED, mixed_rungs),
    Motion.CAMERA: (Ladder.CAMERA, camera_rungs),
}


def _treated_as(motion: Motion, video: VideoFacts) -> Motion:
    """What is too small for text to be read gains nothing from the pixels it has."""
    small = motion is Motion.MIXED and usable_short_side(video) < LEAST_MIXED_SIDE
    return Motion.CAMERA if small else motion


def choose(source: Source, *, av1: bool) -> tuple[Ladder, tuple[Rung, ...]]:
    if source.video is None:
        return Ladder.CARD, card_rungs()
    ladder, rungs_for = RUNGS_OF[_treated_as(source.motion, source.video)]
    rungs = rungs_for(source.video)
    if av1 and ladder in AV1_QUALITY:
        rungs += (av1_rung(rungs[0], ladder),)
    return ladder, rungs


def segment_length(rung: Rung) -> Fraction:
    """Whole groups of pictures, as near to six seconds as they come."""
    group = rung.gop / rung.rate
    return group * max(1, round(SEGMENT_SECONDS / group))
