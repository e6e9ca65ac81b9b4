"""How far marks can be trusted: KR-20, Cronbach's alpha and the standard error of measurement,
for papers that need not hold the same items.

Deviations from each item's mean give the mean variance v of an item and, over the pairs of items
that met on a paper, the mean covariance c. A paper of k items then has alpha = kc / (v + (k-1)c).
Where everybody answered everything that is Cronbach's alpha to the last digit, and KR-20 where
items are right or wrong; where papers are drawn it is the alpha of one paper of that length that
all would sit.

Drawn papers also differ in difficulty, and that is luck too. `dependability` counts it as error:
the coefficient of the design "items nested in persons" of generalisability theory.

Sources: Kuder & Richardson, Psychometrika 2 (1937); Cronbach, Psychometrika 16 (1951); Lord &
Novick (1968), ch. 4, 9 and 11 (item sampling); Brennan, Generalizability Theory (2001), ch. 2, 5.
"""

from typing import NamedTuple

import msgspec
import numpy as np

from backend.assessment.statistics.responses import Floats, Responses, Scores, over, scores_of, sums


class Reliability(msgspec.Struct, frozen=True, kw_only=True):
    """NaN where fewer than two attempts or items allow no figure."""

    attempts: int
    items_a_paper: float
    alpha: float
    kr20: float | None
    """The same figure under its older name; None where an item gave partial credit."""
    error: float
    """Standard error of measurement if all sat one paper, as a share of the full marks."""
    dependability: float
    dependable_error: float
    """Standard error of a mark on a drawn paper, as a share of the full marks."""
    alpha_without: tuple[float, ...]
    """By item: alpha if papers lacked it. Higher than alpha: the item pulls apart."""


class _Moments(NamedTuple):
    """Sums over deviations from item means, in hundredths."""

    squares: float
    cells: float
    products: float
    """Over ordered pairs of items on the same paper."""
    pairs: float

    @property
    def variance(self) -> float:
        return self.squares / self.cells if self.cells else np.nan

    def alpha(self, items: float) -> float:
        if self.pairs <= 0 or items < 2:
            return float("nan")
        covariance = self.products / self.pairs
        below = self.variance + (items - 1) * covariance
        return float(items * covariance / below) if below > 0 else float("nan")


def reliability(responses: Responses) -> Reliability:
    scores = scores_of(responses)
    sat = int(np.count_nonzero(scores.items))
    length = len(responses.item) / sat if sat else float("nan")
    deviation = _deviations(responses)
    totals = sums(responses.attempt, responses.attempts, deviation)
    moments = _moments(deviation, totals, scores)
    alpha = moments.alpha(length)
    dependability, dependable_error = _dependability(responses, scores)
    full = float(scores.possible[scores.items > 0].mean()) if sat else float("nan")
    return Reliability(
        attempts=sat,
        items_a_paper=length,
        alpha=alpha,
        kr20=None
        if np.any((responses.points > 0) & (responses.points < responses.worth))
        else alpha,
        error=_error(moments, alpha, length) / full,
        dependability=dependability,
        dependable_error=dependable_error,
        alpha_without=tuple(_without(responses, scores, deviation, totals, moments, length)),
    )


def _deviations(responses: Responses) -> Floats:
    count = len(responses.items)
    total = sums(responses.item, count, responses.points)
    mean: Floats = over(total, sums(responses.item, count))[responses.item]
    return responses.points - mean


def _moments(deviation: Floats, totals: Floats, scores: Scores) -> _Moments:
    squares = float(deviation @ deviation)
    return _Moments(
        squares=squares,
        cells=float(len(deviation)),
        products=float(totals @ totals) - squares,
        pairs=float((scores.items * (scores.items - 1)).sum()),
    )


def _error(moments: _Moments, alpha: float, items: float) -> float:
    """Standard deviation of such a paper's marks, times the root of what alpha leaves."""
    if np.isnan(alpha):
        return np.nan
    covariance = moments.products / moments.pairs
    spread = items * moments.variance + items * (items - 1) * covariance
    return float(np.sqrt(max(spread * (1 - alpha), 0)))


def _without(
    responses: Responses,
    scores: Scores,
    deviation: Floats,
    totals: Floats,
    whole: _Moments,
    length: float,
) -> list[float]:
    """A paper loses as much of its length as the item is often drawn: all of it where all sat the
    same paper."""
    count = len(responses.items)
    squares = sums(responses.item, count, deviation**2)
    cells = sums(responses.item, count)
    others = deviation * (totals[responses.attempt] - deviation)
    products = 2 * sums(responses.item, count, others)
    pairs = 2 * sums(responses.item, count, scores.items[responses.attempt] - 1)
    sat = max(np.count_nonzero(scores.items), 1)
    return [
        _Moments(
            whole.squares - squares[place],
            whole.cells - cells[place],
            whole.products - products[place],
            whole.pairs - pairs[place],
        ).alpha(length - cells[place] / sat)
        for place in range(count)
    ]


def _dependability(responses: Responses, scores: Scores) -> tuple[float, float]:
    """One-way analysis of variance of credits by attempt: what lies between attempts beyond what
    lies within them is due to people."""
    credit, sat = responses.credit, scores.items > 0
    attempts, rows = np.count_nonzero(sat), len(credit)
    if attempts < 2 or rows <= attempts:
        return float("nan"), float("nan")
    mean = over(sums(responses.attempt, responses.attempts, credit), scores.items)
    within = float(((credit - mean[responses.attempt]) ** 2).sum()) / (rows - attempts)
    between = float((scores.items * (mean - credit.mean()) ** 2)[sat].sum()) / (attempts - 1)
    length = (rows - float((scores.items**2).sum()) / rows) / (attempts - 1)
    people = max((between - within) / length, 0.0)
    error = within / length
    whole = people + error
    return (float(people / whole) if whole > 0 else float("nan")), float(np.sqrt(error))
