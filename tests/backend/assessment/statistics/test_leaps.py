"""Extrapolating expectation and maximisation: where a steady approach ends, in one leap."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.assessment.statistics.item_curves import Curves, Population
from backend.assessment.statistics.item_response import calibrate
from backend.assessment.statistics.leaps import leap
from backend.assessment.statistics.maximisation import FARTHEST, STEEPEST
from tests.backend.assessment.statistics.simulated import answered, drawn

FREE = np.array([True, True, False])


def approach(goal: Curves, start: Curves, pace: float) -> list[tuple[Curves, Population]]:
    """Each round leaves `pace` of the way; the last item is an anchor and stays."""
    left = [FREE * pace**turn for turn in range(3)]
    return [
        (Curves(*(np.where(FREE, g + (s - g) * w, g) for g, s in zip(goal, start, strict=True))), P)
        for w in left
    ]


P = Population(0.0, 1.0)
parts = st.lists(st.floats(-3, 3), min_size=3, max_size=3).map(np.array)


@given(parts, parts, parts, parts, st.floats(0.05, 0.95))
def test_a_steady_approach_is_at_its_goal_after_one_leap(
    a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray, pace: float
) -> None:
    goal = Curves(a, b)
    found, population = leap(approach(goal, Curves(c, d), pace), FREE)
    assert found.slope == pytest.approx(goal.slope, rel=1e-6, abs=1e-6)
    assert found.intercept == pytest.approx(goal.intercept, rel=1e-6, abs=1e-6)
    assert population == P


@given(parts, parts, parts, parts, st.floats(0.05, 5))
def test_no_leap_moves_an_anchor_or_leaves_the_bounds(
    a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray, pace: float
) -> None:
    trail = approach(Curves(a, b), Curves(c, d), pace)
    found, population = leap(trail, FREE)
    assert (found.slope[2], found.intercept[2]) == (a[2], b[2])
    assert np.abs(found.slope).max() <= STEEPEST
    assert np.abs(found.intercept).max() <= FARTHEST
    assert population.deviation > 0


def test_a_calibration_takes_few_rounds() -> None:
    """Without leaps these answers take 34."""
    papers = answered(1, drawn(1, 2_000, 50, 25), 50)
    found = calibrate(papers.matrix())
    assert found.converged
    assert found.rounds <= 20
