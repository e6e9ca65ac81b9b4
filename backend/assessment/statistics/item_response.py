"""Item response theory: the one- and two-parameter logistic model by marginal maximum likelihood.

Abilities are integrated out over a normal population on a fixed grid; expectation and maximisation
take turns (Bock & Aitkin, Psychometrika 46 (1981); Baker & Kim, Item Response Theory: Parameter
Estimation Techniques (2004), ch. 6), and after each two turns leap ahead. What was not drawn is
left out of the likelihood, which is right as long as the draw does not look at ability (Mislevy &
Sheehan, Psychometrika 54 (1989)).

With anchors the scale is theirs: their parameters stay, and mean and deviation of the population
are estimated beside the new items (Kim, J. Educational Measurement 43 (2006)).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from backend.assessment.statistics.item_curves import (
    Answers,
    Curves,
    Population,
    answers_of,
    population_of,
    posterior,
)
from backend.assessment.statistics.item_errors import errors
from backend.assessment.statistics.leaps import leap
from backend.assessment.statistics.maximisation import FARTHEST, STEEPEST, Slopes, improved
from backend.assessment.statistics.responses import Floats, UnusableResponses


class Model(StrEnum):
    ONE_PARAMETER = "1pl"
    TWO_PARAMETER = "2pl"


class Anchor(NamedTuple):
    slope: float
    difficulty: float


class ItemParameters(msgspec.Struct, frozen=True, kw_only=True):
    """NaN where all or none were right. Errors are NaN for anchors and for slopes at the bound."""

    slope: float
    difficulty: float
    """The ability at which half are right, in deviations of the population."""
    slope_error: float
    difficulty_error: float


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[ItemParameters, ...]
    mean: float
    deviation: float
    """Of the population: 0 and 1 unless anchors set the scale."""
    likelihood: float
    """Natural logarithm."""
    rounds: int
    converged: bool


def calibrate(
    matrix: NDArray[np.int8],
    model: Model = Model.TWO_PARAMETER,
    anchors: Mapping[int, Anchor] | None = None,
    *,
    tolerance: float = 1e-4,
    most_rounds: int = 1000,
) -> Calibration:
    """`matrix`: attempts × items, 1 right, 0 wrong, -1 not drawn. `anchors`: by column.
    `tolerance`: of the largest change of a parameter between two rounds."""
    # Threads that wait for each other by spinning make a busy machine eighty times slower.
    with threadpool_limits(limits=1, user_api="blas"):
        return _calibrated(matrix, model, anchors or {}, tolerance, most_rounds)


def _calibrated(
    matrix: NDArray[np.int8],
    model: Model,
    anchors: Mapping[int, Anchor],
    tolerance: float,
    most_rounds: int,
) -> Calibration:
    answers = answers_of(matrix)
    free, known, curves = _start(answers, anchors)
    if not known.any():
        raise UnusableResponses("no item has both right and wrong answers")
    slopes = _slopes(model, anchors)
    used = Answers(answers.right * known, answers.seen * known)
    population, rounds, change = Population(0.0, 1.0), 0, np.inf
    found, likelihood = posterior(used, curves, population)
    trail = [(curves, population)]
    while change > tolerance and rounds < most_rounds:
        better = improved(used, found, curves, free, slopes)
        moved = population_of(found) if anchors else population
        change = _change(curves, population, better, moved)
        curves, population, rounds = better, moved, rounds + 1
        found, likelihood = posterior(used, curves, population)
        trail.append((curves, population))
        if len(trail) == 3 and change > tolerance:
            ahead = leap(trail, free)
            leapt = posterior(used, *ahead)
            if leapt[1] > likelihood:
                (curves, population), (found, likelihood) = ahead, leapt
            trail = [(curves, population)]
    return Calibration(
        items=_items(curves, known, free, errors(used, found, curves, free, slopes)),
        mean=population.mean,
        deviation=population.deviation,
        likelihood=likelihood,
        rounds=rounds,
        converged=change <= tolerance,
    )


def _slopes(model: Model, anchors: Mapping[int, Anchor]) -> Slopes:
    if model is Model.TWO_PARAMETER:
        return Slopes.OWN
    return Slopes.GIVEN if anchors else Slopes.COMMON


def _start(
    answers: Answers, anchors: Mapping[int, Anchor]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Curves]:
    """Which items may move, which count, and where they begin."""
    right, seen = answers.right.sum(axis=0), answers.seen.sum(axis=0)
    anchored = np.isin(np.arange(len(seen)), list(anchors))
    free = (right > 0) & (right < seen) & ~anchored
    share = (right + 0.5) / (seen + 1)
    common = float(np.mean([anchor.slope for anchor in anchors.values()])) if anchors else 1.0
    slope, intercept = np.full(len(seen), common), np.log(share / (1 - share))
    for place, anchor in anchors.items():
        slope[place], intercept[place] = anchor.slope, -anchor.slope * anchor.difficulty
    return free, free | anchored, Curves(slope, intercept)


def _change(curves: Curves, population: Population, better: Curves, moved: Population) -> float:
    return max(
        float(np.abs(better.slope - curves.slope).max()),
        float(np.abs(better.intercept - curves.intercept).max()),
        abs(moved.mean - population.mean),
        abs(moved.deviation - population.deviation),
    )


def _items(
    curves: Curves,
    known: NDArray[np.bool_],
    free: NDArray[np.bool_],
    found: tuple[Floats, Floats],
) -> tuple[ItemParameters, ...]:
    slope = np.where(known, curves.slope, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        difficulty = np.where(known, -curves.intercept / curves.slope, np.nan)
    bound = (np.abs(curves.slope) >= STEEPEST) | (np.abs(curves.intercept) >= FARTHEST)
    slope_error, difficulty_error = (np.where(free & ~bound, error, np.nan) for error in found)
    columns = zip(slope, difficulty, slope_error, difficulty_error, strict=True)
    return tuple(
        ItemParameters(
            slope=float(a),
            difficulty=float(b),
            slope_error=float(a_error),
            difficulty_error=float(b_error),
        )
        for a, b, a_error, b_error in columns
    )
