"""Who answers questions that are going round faster and better than their own work lets expect.

Times are compared as logarithms, less the item's and the person's own mean (the lognormal model,
van der Linden, J. Educational and Behavioral Statistics 31 (2006)); answers with those of people
who do as well on the other items. Speed and surplus, two normal deviates, are added (Stouffer).
"""

import numpy as np
from numpy.typing import NDArray

from backend.assessment.statistics.answer_shares import BANDS, bands_of
from backend.assessment.statistics.answer_times import Timed
from backend.assessment.statistics.counting import beyond
from backend.assessment.statistics.groups import shares
from backend.assessment.statistics.responses import Floats, Responses, over, sums
from backend.assessment.statistics.signals import FALSE_ALARMS, Kind, Signal, one_in

FEWEST_EXPOSED = 4
_FARTHEST = 3.0
"""A time further off, in deviations, counts as this: somebody went to the door."""
_BORROWED = 5.0
"""Answers' worth of everybody's share added to each tenth's."""


def foreknowledge(
    timed: Timed, exposed: NDArray[np.bool_], false_alarms: float = FALSE_ALARMS
) -> list[Signal]:
    """`exposed`, by item: believed to be going round. Who is faster and more often right on these
    than their own work on the others lets expect."""
    speed = _faster(timed, exposed)
    right, expected, surplus = _better(timed.responses, exposed)
    known = ~np.isnan(speed) & ~np.isnan(surplus)
    among = int(known.sum())
    found = []
    for attempt in np.flatnonzero(known):
        chance = beyond(float(speed[attempt] + surplus[attempt]) / np.sqrt(2))
        if chance * among <= false_alarms and speed[attempt] > 0 and surplus[attempt] > 0:
            rightly = int(right[attempt]), float(expected[attempt])
            found.append(_known_signal(int(attempt), rightly, chance, among))
    return found


def _faster(timed: Timed, exposed: NDArray[np.bool_]) -> Floats:
    """By attempt: how much sooner exposed items were answered, as a normal deviate."""
    rows = timed.responses
    count = rows.attempts
    logs = np.log(np.maximum(timed.seconds, 0.1))
    timely = ~np.isnan(logs)
    logs, own = np.where(timely, logs, 0), timely.astype(float)
    usual = logs - shares(rows.item, len(rows.items), logs, own)[rows.item]
    hidden = own * ~exposed[rows.item]
    off = usual - shares(rows.attempt, count, usual, hidden)[rows.attempt]
    spread = np.sqrt(shares(rows.item, len(rows.items), off**2, own))[rows.item]
    with np.errstate(divide="ignore", invalid="ignore"):
        deviate = np.clip(np.nan_to_num(off / spread), -_FARTHEST, _FARTHEST)
    shown = own * exposed[rows.item]
    many, others = sums(rows.attempt, count, shown), sums(rows.attempt, count, hidden)
    gap = shares(rows.attempt, count, deviate, hidden) - shares(rows.attempt, count, deviate, shown)
    enough = (many >= FEWEST_EXPOSED) & (others >= FEWEST_EXPOSED)
    with np.errstate(divide="ignore"):
        return np.where(enough, gap / np.sqrt(1 / many + 1 / others), np.nan)


def _better(rows: Responses, exposed: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """By attempt: right answers to exposed items, how many people give who do as well on the
    others, and the difference as a normal deviate."""
    shown = exposed[rows.item]
    hidden = sums(rows.attempt, rows.attempts, rows.worth * (1.0 - shown))
    ability = over(sums(rows.attempt, rows.attempts, rows.points * (1.0 - shown)), hidden)
    cell = (rows.item.astype(np.int64) * BANDS + bands_of(ability)[rows.attempt]).astype(np.int32)
    right = (rows.points == rows.worth).astype(float)
    overall = shares(rows.item, len(rows.items), right, np.ones(len(right)))
    counts = sums(cell, len(rows.items) * BANDS)
    firm = sums(cell, len(rows.items) * BANDS, right) + _BORROWED * np.repeat(
        np.nan_to_num(overall), BANDS
    )
    chance = (firm / (counts + _BORROWED))[cell]
    observed = sums(rows.attempt, rows.attempts, right * shown)
    expected = sums(rows.attempt, rows.attempts, chance * shown)
    spread = sums(rows.attempt, rows.attempts, chance * (1 - chance) * shown)
    # Half a count less: what is counted moves in whole steps.
    return observed, expected, over(observed - expected - 0.5, np.sqrt(spread))


def _known_signal(attempt: int, rightly: tuple[int, float], chance: float, among: int) -> Signal:
    return Signal(
        kind=Kind.FOREKNOWLEDGE,
        attempts=(attempt,),
        chance=chance,
        among=among,
        zh=(
            f"在已外传的试题上明显更快，且答对 {rightly[0]} 题（按其余试题的水平预期约 "
            f"{rightly[1]:.1f} 题）；偶然如此的概率约 1/{one_in(chance)}。"
            "可能事先见过这些题，请人工核查。"
        ),
        en=(
            f"Clearly faster on exposed items, and right on {rightly[0]} of them (about "
            f"{rightly[1]:.1f} expected from the other items); by chance about once in "
            f"{one_in(chance)}. They may have been seen before: look into it."
        ),
    )
