"""How much two papers agree, each shared answer weighed by how rare it is among people as able.

For a possible copier and source: the answer of the source is given, the copier would choose it on
their own with chance q, and with chance s + (1 - s)q if a share s is copied. The logarithm of the
ratio, summed over common items, is the strongest statistic for this question (Neyman & Pearson).
Its distribution over people who work alone is known item by item, so its tail can be summed up. The
conditioning on the source is that of Wollack's omega, Applied Psychological Measurement 21 (1997);
the exact tail that of the generalised binomial test, van der Linden & Sotaridona, J. Educational
and Behavioral Statistics 31 (2006).
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.assessment.statistics.responses import Floats

COPIED = 0.5
"""The share that the statistic is sharpest for; others are found nearly as well."""
_GRID = 0.02
"""Weights are rounded to this for the tail."""
_WORTH_COUNTING = 2.5
"""Standard deviations above expectation, from where the tail is worked out."""
_LOSS = float(np.log(1 - COPIED))


class Agreement(msgspec.Struct, frozen=True, eq=False):
    """Of pairs (rows) over items (columns)."""

    both: NDArray[np.bool_]
    same: NDArray[np.bool_]
    chance: Floats
    """That the copier alone would give the source's answer."""

    def striking(self) -> NDArray[np.int64]:
        """Rows whose sum is far above what people who work alone reach."""
        gain = gains(self.chance)
        total = np.where(self.both, np.where(self.same, gain, _LOSS), 0).sum(axis=1)
        mean = np.where(self.both, self.chance * gain + (1 - self.chance) * _LOSS, 0).sum(axis=1)
        spread = self.chance * (1 - self.chance) * (gain - _LOSS) ** 2
        deviation = np.sqrt(np.where(self.both, spread, 0).sum(axis=1))
        return np.flatnonzero(total > mean + _WORTH_COUNTING * deviation)

    def tail(self, row: int) -> float:
        """The chance that somebody alone agrees as much or more."""
        mine = self.both[row]
        chance = self.chance[row][mine]
        steps = np.rint((gains(chance) - _LOSS) / _GRID).astype(np.int64)
        return _reaches(int(steps[self.same[row][mine]].sum()), steps, chance)


def gains(chance: Floats) -> Floats:
    """What a shared answer adds to the sum."""
    return np.asarray(np.log(1 + COPIED * (1 / chance - 1)))


def _reaches(sum_of_steps: int, steps: NDArray[np.int64], chances: Floats) -> float:
    """That independent steps, each taken with its chance, sum up to so much."""
    reached, top = np.zeros(int(steps.sum()) + 1), 0
    reached[0] = 1.0
    for step, chance in zip(steps, chances, strict=True):
        before = reached[: top + 1].copy()
        reached[: top + 1] *= 1 - chance
        top += int(step)
        reached[step : top + 1] += before * chance
    return float(min(reached[sum_of_steps:].sum(), 1.0))
