"""Standard errors of item parameters, from the outer products of each attempt's slope of the
log-likelihood (Fisher's information as it was observed; Baker & Kim (2004), appendix)."""

import numpy as np
from numpy.typing import NDArray

from backend.assessment.statistics.item_curves import NODES, Answers, Curves
from backend.assessment.statistics.maximisation import Slopes
from backend.assessment.statistics.responses import Floats

_AT_ONCE = 2048
"""Attempts: 500 items are then 16 MB of scores."""


def errors(
    answers: Answers, found: Floats, curves: Curves, free: NDArray[np.bool_], slopes: Slopes
) -> tuple[Floats, Floats]:
    """Of slope and of difficulty, by item; NaN for what is not free."""
    places = np.flatnonzero(free)
    count = len(places)
    information = _information(answers, found, curves, places, slopes)
    covariance = np.linalg.pinv(information, hermitian=True)
    d = np.arange(count) + len(covariance) - count
    a = {Slopes.OWN: np.arange(count), Slopes.COMMON: np.zeros(count, int)}.get(slopes)
    slope, slope_variance, variance = curves.slope[places], np.zeros(count), covariance[d, d]
    slope_error, difficulty_error = np.full((2, len(free)), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):  # where no slope was found, no difficulty
        if a is not None:
            difficulty, slope_variance = -curves.intercept[places] / slope, covariance[a, a]
            variance = variance + difficulty**2 * slope_variance + 2 * difficulty * covariance[a, d]
        slope_error[places] = np.sqrt(slope_variance)
        difficulty_error[places] = np.sqrt(np.maximum(variance, 0)) / np.abs(slope)
    return slope_error, difficulty_error


def _information(
    answers: Answers, found: Floats, curves: Curves, places: NDArray[np.int64], slopes: Slopes
) -> Floats:
    """Slopes first (one, one each, or none), then intercepts."""
    chances = Curves(curves.slope[places], curves.intercept[places]).chances()
    total = np.zeros(())
    for start in range(0, len(found), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        right, seen = answers.right[part][:, places], answers.seen[part][:, places]
        by_intercept = seen * (right - found[part] @ chances.T)
        score = [by_intercept]
        if slopes is not Slopes.GIVEN:
            mean = (found[part] @ NODES)[:, None]
            by_slope = seen * (right * mean - found[part] @ (chances * NODES).T)
            own = slopes is Slopes.OWN
            score.insert(0, by_slope if own else by_slope.sum(axis=1, keepdims=True))
        scores = np.hstack(score)
        total = total + scores.T @ scores
    return total
