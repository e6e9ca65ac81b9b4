"""How far to turn the volume: rules only.

-16 LUFS is the loudness of spoken word on phones; -1 dBTP is what a cheap player's converter takes
without distortion. Both are promised of the *encoded* sound, and neither can be known before: a
limiter takes loudness away, and an encoder lifts peaks. So each try is heard and the next one
corrected by it.
"""

from collections.abc import Sequence

import msgspec

from media_pipeline.judging.loudness import TARGET_LUFS
from media_pipeline.judging.source import Loudness

HIGHEST_PEAK = -1.0  # dBTP
LOUDNESS_TOLERANCE = 0.5  # LU
# Measured to a tenth; a figure on the line may lie beyond it.
ROUNDING = 0.1
FIRST_CEILING = -2.0
SPARE_CEILING = 0.3
MOST_TRIES = 3
MOST_GAIN = 60.0
# Of a gain behind a limiter hardly more than half arrives.
LIMITED_SHARE = 1.5
FLATTEST, STEEPEST = 0.25, 1.2


class Level(msgspec.Struct, frozen=True):
    """Gain in dB; `ceiling` in dB under full scale where a limiter holds it, None without one."""

    gain: float
    ceiling: float | None


class Heard(msgspec.Struct, frozen=True):
    """Integrated loudness in LUFS and true peak in dBTP of an encoded sound."""

    integrated: float
    true_peak: float

    @property
    def loud_enough(self) -> bool:
        return abs(self.integrated - TARGET_LUFS) <= LOUDNESS_TOLERANCE - ROUNDING

    @property
    def clean(self) -> bool:
        return self.true_peak <= HIGHEST_PEAK - ROUNDING

    @property
    def right(self) -> bool:
        return self.loud_enough and self.clean


class Try(msgspec.Struct, frozen=True):
    level: Level
    heard: Heard


class SoundReport(msgspec.Struct, frozen=True):
    """What was sent out. `level` is None for a silence, which nobody turns up."""

    heard: Heard
    level: Level | None
    tries: int

    @property
    def right(self) -> bool:
        return self.level is None or self.heard.right


def first_level(measured: Loudness) -> Level | None:
    """None: leave it as it is."""
    if measured.is_silence:
        return None
    gain = min(MOST_GAIN, TARGET_LUFS - measured.input_i)
    limited = measured.input_tp + gain > FIRST_CEILING
    return Level(round(gain, 2), FIRST_CEILING if limited else None)


def _slope(tries: Sequence[Try]) -> float:
    """How much louder it became for each dB of gain, between the last two tries."""
    if len(tries) < 2:
        return 1 / LIMITED_SHARE
    before, last = tries[-2:]
    gained = last.level.gain - before.level.gain
    if not gained:
        return 1.0
    louder = (last.heard.integrated - before.heard.integrated) / gained
    return min(STEEPEST, max(FLATTEST, louder))


def next_level(tries: Sequence[Try]) -> Level:
    """Corrects the last of `tries` by what was heard."""
    level, heard = tries[-1].level, tries[-1].heard
    over = heard.true_peak - (HIGHEST_PEAK - ROUNDING)
    missing = TARGET_LUFS - heard.integrated
    ceiling = level.ceiling
    if over > 0:
        lowered = over + SPARE_CEILING
        ceiling = (FIRST_CEILING if ceiling is None else ceiling) - lowered
        missing += lowered / 2
    elif ceiling is None and heard.true_peak + missing > FIRST_CEILING:
        ceiling = FIRST_CEILING
    limited = ceiling is not None and missing > 0
    gain = level.gain + missing / (_slope(tries) if limited else 1)
    return Level(round(min(MOST_GAIN, gain), 2), None if ceiling is None else round(ceiling, 2))


def best(tries: Sequence[Try]) -> Try:
    """A clean one before a loud one: distortion cannot be turned down."""
    return min(
        tries,
        key=lambda one: (
            max(0.0, one.heard.true_peak - HIGHEST_PEAK + ROUNDING),
            abs(one.heard.integrated - TARGET_LUFS),
        ),
    )
