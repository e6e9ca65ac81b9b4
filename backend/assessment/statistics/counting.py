"""How likely a count is, where each of several events has its own chance."""

from math import erfc, sqrt

import numpy as np

from backend.assessment.statistics.responses import Floats


def at_least(count: int, chances: Floats) -> float:
    """That `count` or more of independent events happen (the Poisson-binomial tail, exactly)."""
    counts = np.zeros(len(chances) + 1)
    counts[0] = 1.0
    for done, chance in enumerate(chances, start=1):
        counts[1 : done + 1] = counts[1 : done + 1] * (1 - chance) + counts[:done] * chance
        counts[0] *= 1 - chance
    return float(min(counts[max(count, 0) :].sum(), 1.0))


def beyond(z: float) -> float:
    """That a standard normal deviate exceeds z."""
    return 0.5 * erfc(z / sqrt(2))
