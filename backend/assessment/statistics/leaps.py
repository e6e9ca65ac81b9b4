"""Where two rounds of expectation and maximisation are heading, reached at once.

Squared extrapolation (SQUAREM, scheme S3: Varadhan & Roland, Scandinavian Journal of Statistics 35
(2008)). Whoever leaps keeps the place only if the likelihood there is higher.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.assessment.statistics.item_curves import Curves, Population
from backend.assessment.statistics.maximisation import FARTHEST, STEEPEST
from backend.assessment.statistics.responses import Floats

_LEAST_DEVIATION = 0.05

Place = tuple[Curves, Population]


def leap(trail: Sequence[Place], free: NDArray[np.bool_]) -> Place:
    """`trail`: three places, each a round after the one before. `free`: which items may move."""
    first, second, third = map(_flat, trail)
    step = second - first
    bend = third - second - step
    size = float(np.linalg.norm(bend))
    length = max(1.0, float(np.linalg.norm(step)) / size) if size > 0 else 1.0
    ahead = first + 2 * length * step + length**2 * bend
    slope, intercept = np.split(ahead[:-2], 2)
    mean, deviation = map(float, ahead[-2:])
    there = trail[-1][0]
    return (
        Curves(
            np.where(free, np.clip(slope, -STEEPEST, STEEPEST), there.slope),
            np.where(free, np.clip(intercept, -FARTHEST, FARTHEST), there.intercept),
        ),
        Population(mean, max(deviation, _LEAST_DEVIATION)),
    )


def _flat(place: Place) -> Floats:
    curves, population = place
    return np.concatenate([curves.slope, curves.intercept, population])
