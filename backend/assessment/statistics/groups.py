"""Who did well on the rest of the paper, item by item: the outer 27 percent and the correlation.

The outer 27 percent separate best where scores are normal: T. L. Kelley, The selection of upper
and lower groups for the validation of test items, J. Educational Psychology 30 (1939).
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.assessment.statistics.responses import Floats, over, sums

OUTER_SHARE = 0.27


class Standing(msgspec.Struct, frozen=True, eq=False):
    """Per row: how far it belongs to the lower and to the upper group of its item, 0 to 1."""

    lower: Floats
    upper: Floats


def standing(item: NDArray[np.int32], rest: Floats, outer: float = OUTER_SHARE) -> Standing:
    """Equal rest shares share a place: where the border of a group runs through them each belongs
    to it in part, so neither the order of rows nor chance decides. NaN belongs to neither."""
    order = np.lexsort((rest, item))
    items, rests = item[order], rest[order]
    known = ~np.isnan(rests)
    first = _starts(items[1:] != items[:-1])
    tie = _starts((items[1:] != items[:-1]) | (rests[1:] != rests[:-1]))
    size = np.bincount(items, known)[items]
    below = tie - first
    equal = np.bincount(tie, minlength=len(tie))[tie]
    lower = np.clip((outer * size - below) / equal, 0, 1)
    upper = np.clip((outer * size - (size - below - equal)) / equal, 0, 1)
    found = Standing(np.empty(len(rest)), np.empty(len(rest)))
    found.lower[order] = np.where(known, lower, 0)
    found.upper[order] = np.where(known, upper, 0)
    return found


def _starts(changes: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Per place: where its run began."""
    begins = np.concatenate(([True], changes))
    return np.asarray(np.flatnonzero(begins)[np.cumsum(begins) - 1])


def shares(item: NDArray[np.int32], count: int, value: Floats, weight: Floats) -> Floats:
    """Per item: the weighted mean of a value; NaN without any weight."""
    return over(sums(item, count, weight * value), sums(item, count, weight))


def correlations(item: NDArray[np.int32], count: int, x: Floats, y: Floats) -> Floats:
    """Per item: Pearson's; NaN where either does not vary. Rows whose y is NaN do not count."""
    known = ~np.isnan(y)
    item, x, y = item[known], x[known], y[known]
    weight = np.ones(len(x))
    x = x - shares(item, count, x, weight)[item]
    y = y - shares(item, count, y, weight)[item]
    xx, yy, xy = (sums(item, count, product) for product in (x * x, y * y, x * y))
    moves = (xx > 1e-12) & (yy > 1e-12)
    return over(xy, np.where(moves, np.sqrt(xx * yy), 0))
