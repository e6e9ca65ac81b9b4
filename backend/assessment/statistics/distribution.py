"""How the marks lie: moments, bars, and how many lie too near the pass mark to be sure of."""

import msgspec
import numpy as np

from backend.assessment.statistics.responses import Responses, scores_of


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """Marks as shares of what each paper could give."""

    attempts: int
    mean: float
    deviation: float
    median: float
    skewness: float
    """Below zero: a tail of weak papers."""
    passed: float
    near: float
    """Share of the attempts within one standard error of the pass mark."""
    bars: tuple[int, ...]
    """Attempts from 0 up to 10 percent, from 10 up to 20, …; the last bar includes 100."""


BARS = 10
"""Papers have few distinct marks; narrower bars would hold now two of them, now three."""


def distribution(responses: Responses, pass_share: float, error: float) -> Distribution:
    """`pass_share` and `error` (standard error of measurement) as shares of the full marks."""
    marks = scores_of(responses).share
    marks = marks[~np.isnan(marks)]
    if not len(marks):
        nan = float("nan")
        return Distribution(
            **dict.fromkeys(("mean", "deviation", "median", "skewness", "passed", "near"), nan),
            attempts=0,
            bars=(0,) * BARS,
        )
    away = marks - marks.mean()
    deviation = float(np.sqrt((away**2).mean()))
    bars = np.bincount(np.minimum((marks * BARS + 1e-9).astype(int), BARS - 1), minlength=BARS)
    return Distribution(
        attempts=len(marks),
        mean=float(marks.mean()),
        deviation=deviation,
        median=float(np.median(marks)),
        skewness=float((away**3).mean()) / deviation**3 if deviation > 1e-12 else 0.0,
        passed=float(np.mean(marks >= pass_share - 1e-12)),
        near=float(np.mean(np.abs(marks - pass_share) <= error + 1e-12)),
        bars=tuple(map(int, bars)),
    )
