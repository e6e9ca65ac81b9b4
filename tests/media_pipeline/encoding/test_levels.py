"""The volume is turned by what was heard: rules against a room that limits and an encoder that
lifts peaks."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.encoding.levels import (
    FIRST_CEILING,
    HIGHEST_PEAK,
    MOST_GAIN,
    MOST_TRIES,
    Heard,
    Level,
    SoundReport,
    Try,
    best,
    first_level,
    next_level,
)
from media_pipeline.judging.loudness import TARGET_LUFS
from media_pipeline.judging.source import Loudness

Ear = Callable[[Level], Heard]


def measured(loudness: float, peak: float) -> Loudness:
    return Loudness(loudness, peak)


def ear(loudness: float, peak: float, *, kept: float, overshoot: float) -> Ear:
    """Sound of this loudness and peak; of each dB behind the limiter the share `kept` is lost,
    and the encoder lifts limited peaks by `overshoot`."""

    def listen(level: Level) -> Heard:
        high, loud = peak + level.gain, loudness + level.gain
        if level.ceiling is None:
            return Heard(loud, high)
        cut = max(0.0, high - level.ceiling)
        return Heard(loud - cut * kept, min(high, level.ceiling) + overshoot)

    return listen


def tried(listen: Ear, loudness: float, peak: float) -> list[Try]:
    level = first_level(measured(loudness, peak))
    assert level is not None
    tries: list[Try] = []
    while len(tries) < MOST_TRIES:
        tries.append(Try(level, listen(level)))
        if tries[-1].heard.right:
            break
        level = next_level(tries)
    return tries


@given(
    loudness=st.floats(-55, -3),
    crest=st.floats(3, 16),
    kept=st.floats(0, 0.2),
    overshoot=st.floats(-0.5, 1.5),
)
def test_any_usual_voice_is_right_within_three_tries(
    loudness: float, crest: float, kept: float, overshoot: float
) -> None:
    peak = loudness + crest
    tries = tried(ear(loudness, peak, kept=kept, overshoot=overshoot), loudness, peak)
    assert best(tries).heard.right


def test_a_quiet_voice_with_room_above_it_is_only_turned_up() -> None:
    assert first_level(measured(-31, -20)) == Level(15, None)


def test_peaks_that_would_not_fit_are_held() -> None:
    assert first_level(measured(-25, -3)) == Level(9, FIRST_CEILING)


@pytest.mark.parametrize("loudness", [float("-inf"), -70.0, -60.1])
def test_silence_is_left_alone(loudness: float) -> None:
    assert first_level(measured(loudness, -40)) is None


def test_no_gain_is_without_bounds() -> None:
    level = Level(58, FIRST_CEILING)
    assert next_level([Try(level, Heard(-30, -1.5))]).gain == MOST_GAIN


def test_a_peak_too_high_lowers_the_ceiling_and_makes_up_for_it() -> None:
    after = next_level([Try(Level(5, -2.0), Heard(-16, -0.4))])
    assert after.ceiling is not None
    assert after.ceiling < -2.6
    assert after.gain > 5


def test_a_peak_nobody_limited_is_limited_next() -> None:
    after = next_level([Try(Level(5, None), Heard(-16, -0.4))])
    assert after.ceiling is not None
    assert after.ceiling < FIRST_CEILING


def test_the_second_correction_follows_what_the_first_one_did() -> None:
    flat = [Try(Level(4, -2), Heard(-18, -2)), Try(Level(7, -2), Heard(-17, -2))]
    assert next_level(flat).gain == pytest.approx(10)


def test_a_clean_try_goes_before_a_loud_one() -> None:
    clean, loud = Try(Level(1, -2), Heard(-17, -1.5)), Try(Level(2, -2), Heard(-16, 0.5))
    assert best([clean, loud]) is best([loud, clean]) is clean
    assert clean.heard.clean
    assert not loud.heard.clean


def test_what_lies_on_the_line_may_lie_beyond_it() -> None:
    """The meter rounds to a tenth."""
    assert not Heard(TARGET_LUFS, HIGHEST_PEAK).clean
    assert not Heard(TARGET_LUFS - 0.5, -3).loud_enough
    assert Heard(TARGET_LUFS - 0.4, -1.1).right
    assert SoundReport(Heard(-65, -50), None, 1).right
