"""One maximisation: better item parameters for what is now believed of the abilities.

Newton's steps for all items at once, on the counts of right and of all answers that are expected at
each node.
"""

from enum import Enum, auto
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backend.assessment.statistics.item_curves import NODES, Answers, Curves
from backend.assessment.statistics.responses import Floats

STEEPEST, FARTHEST = 4.0, 10.0
"""Bounds of slope and intercept: an item that lies there has no maximum that means anything."""
_STEPS, _LONGEST_STEP = 3, 1.0


class Slopes(Enum):
    OWN = auto()
    """Each item its own: 2PL."""
    COMMON = auto()
    """One for all: 1PL."""
    GIVEN = auto()
    """One for all, known from the anchors: 1PL on their scale."""


def improved(
    answers: Answers, found: Floats, curves: Curves, free: NDArray[np.bool_], slopes: Slopes
) -> Curves:
    """`found`: attempts × nodes. `free`: which items may move."""
    right, seen = answers.right.T @ found, answers.seen.T @ found
    for _ in range(_STEPS):
        curves = _stepped(right, seen, curves, free, slopes)
    return curves


class _Slope(NamedTuple):
    """Of the expected log-likelihood, by item: gradient and information matrix."""

    a: Floats
    d: Floats
    aa: Floats
    ad: Floats
    dd: Floats


def _stepped(
    right: Floats, seen: Floats, curves: Curves, free: NDArray[np.bool_], slopes: Slopes
) -> Curves:
    chances = curves.chances()
    excess, weight = right - seen * chances, seen * chances * (1 - chances)
    at = _Slope(
        excess @ NODES,
        excess.sum(axis=1),
        weight @ NODES**2,
        weight @ NODES,
        weight.sum(axis=1) + 1e-9,
    )
    slope = _slope_steps(at, free, slopes)
    # With the slope decided, the intercept's own equation.
    intercept = (at.d - at.ad * slope) / at.dd
    return Curves(
        _moved(curves.slope, slope, free, STEEPEST),
        _moved(curves.intercept, intercept, free, FARTHEST),
    )


def _slope_steps(at: _Slope, free: NDArray[np.bool_], slopes: Slopes) -> Floats:
    """With the intercepts eliminated from the equations."""
    if slopes is Slopes.GIVEN:
        return np.zeros(len(at.a))
    gradient, bend = at.a - at.ad * at.d / at.dd, at.aa - at.ad**2 / at.dd + 1e-9
    if slopes is Slopes.OWN:
        return gradient / bend
    return np.full(len(at.a), gradient[free].sum() / bend[free].sum())


def _moved(value: Floats, step: Floats, free: NDArray[np.bool_], bound: float) -> Floats:
    bounded = np.clip(value + np.clip(step, -_LONGEST_STEP, _LONGEST_STEP), -bound, bound)
    return np.where(free, bounded, value)
