"""Answers that came sooner than the question can be read.

Times are those between saves as the server saw them, so they are rough: single answers mean
nothing, only many together. Chinese is read aloud at about 255 characters a minute (Trauzettel-
Klosinski & Dietz, Investigative Ophthalmology & Visual Science 53 (2012)); the bound is four times
that.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.assessment.statistics.counting import at_least
from backend.assessment.statistics.responses import Floats, Responses, sums
from backend.assessment.statistics.signals import FALSE_ALARMS, Kind, Signal, one_in

CHARACTERS_A_MINUTE = 1_000
FEWEST_FAST, FAST_SHARE = 5, 0.25
"""So many, and so much of the paper; a few short times have many reasons."""


class Timed(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    responses: Responses
    seconds: Floats
    """By row; NaN where it is not known."""
    characters: NDArray[np.int64]
    """By item: stem and options, to be read before one can answer."""


def too_fast(timed: Timed, false_alarms: float = FALSE_ALARMS) -> list[Signal]:
    """Right answers sooner than one can read, more of them than guessing gives. Fast and wrong is
    haste, which is no signal."""
    responses = timed.responses
    minutes = timed.characters[responses.item] / CHARACTERS_A_MINUTE
    fast = timed.seconds < 60 * minutes
    many = sums(responses.attempt, responses.attempts, fast.astype(float))
    known = (~np.isnan(timed.seconds)).astype(float)
    least = FAST_SHARE * sums(responses.attempt, responses.attempts, known)
    suspects = np.flatnonzero((many >= FEWEST_FAST) & (many >= least))
    guess = np.array([_guess(len(item.options), item.multiple) for item in responses.items])
    found = []
    for attempt in suspects:
        rows = np.flatnonzero(fast & (responses.attempt == attempt))
        right = int((responses.points[rows] == responses.worth[rows]).sum())
        chance = at_least(right, guess[responses.item[rows]])
        if chance * len(suspects) <= false_alarms:
            found.append(_fast_signal(int(attempt), len(rows), right, chance, len(suspects)))
    return found


def _guess(options: int, multiple: bool) -> float:
    """The chance of being right without reading."""
    if not options:
        return 0.05
    return 1 / (2**options - 1) if multiple else 1 / options


def _fast_signal(attempt: int, fast: int, right: int, chance: float, among: int) -> Signal:
    return Signal(
        kind=Kind.TOO_FAST,
        attempts=(attempt,),
        chance=chance,
        among=among,
        zh=(
            f"有 {fast} 题在来不及读完题目的时间内作答（快于每分钟 {CHARACTERS_A_MINUTE} 字），"
            f"其中 {right} 题答对；未读题而猜对这么多的概率约 1/{one_in(chance)}。"
            "可能事先知道答案，也可能是断网后集中保存所致，请人工核查。"
        ),
        en=(
            f"{fast} answers came sooner than the questions can be read (faster than "
            f"{CHARACTERS_A_MINUTE} characters a minute), {right} of them right; guessing gives as "
            f"many about once in {one_in(chance)}. The answers may have been known, or been saved "
            "together after a lost connection: look into it."
        ),
    )
