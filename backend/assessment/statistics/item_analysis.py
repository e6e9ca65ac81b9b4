"""Facility, discrimination and distractors of every item: classical item analysis.

Sources: Lord & Novick, Statistical Theories of Mental Test Scores (1968), ch. 15; Crocker & Algina,
Introduction to Classical and Modern Test Theory (1986), ch. 14; Allen & Yen, Introduction to
Measurement Theory (1979), ch. 6.
"""

import msgspec
import numpy as np

from backend.assessment.statistics.groups import Standing, correlations, shares, standing
from backend.assessment.statistics.responses import Floats, Responses, rest_shares, scores_of, sums


class OptionStatistics(msgspec.Struct, frozen=True, kw_only=True):
    option: str
    keyed: bool
    picked: int
    share: float
    lower: float
    """Share of the lower 27 percent who picked it; likewise the other two."""
    middle: float
    upper: float
    discrimination: float
    """Correlation of picking it with the rest of the paper."""
    rest_mean: float
    """Share earned elsewhere by those who picked it; NaN if nobody did."""
    rest_error: float
    """Standard error of that mean."""


class ItemStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """Figures that cannot be had (nobody differs) are NaN."""

    code: str
    multiple: bool
    answers: int
    facility: float
    """Mean share of its points that it gave to those who drew it."""
    discrimination: float
    """Correlation with the share earned on the rest of the same paper: the point-biserial,
    corrected for overlap; for items with partial credit Pearson's in the same manner."""
    upper_lower: float
    """Facility in the upper 27 percent less that in the lower."""
    blank: float
    """Share of the papers with the item that left it blank."""
    options: tuple[OptionStatistics, ...]


class _Rows(msgspec.Struct, frozen=True, eq=False):
    responses: Responses
    rest: Floats
    groups: Standing

    def mean(self, value: Floats, weight: Floats) -> Floats:
        return shares(self.responses.item, len(self.responses.items), value, weight)

    def correlation(self, value: Floats) -> Floats:
        return correlations(self.responses.item, len(self.responses.items), value, self.rest)


def item_statistics(responses: Responses) -> list[ItemStatistics]:
    """In the order of `responses.items`, also for items that nobody drew."""
    if not len(responses.item):
        return [_unseen(responses, place) for place in range(len(responses.items))]
    rest = rest_shares(responses, scores_of(responses))
    rows = _Rows(responses, rest, standing(responses.item, rest))
    credit, everybody = responses.credit, np.ones(len(rest))
    answers = sums(responses.item, len(responses.items))
    facility = rows.mean(credit, everybody)
    discrimination = rows.correlation(credit)
    upper_lower = rows.mean(credit, rows.groups.upper) - rows.mean(credit, rows.groups.lower)
    blank = rows.mean((responses.picked == 0).astype(float), everybody)
    options = _options(rows)
    return [
        ItemStatistics(
            code=item.code,
            multiple=item.multiple,
            answers=int(answers[place]),
            facility=float(facility[place]),
            discrimination=float(discrimination[place]),
            upper_lower=float(upper_lower[place]),
            blank=float(blank[place]),
            options=options[place],
        )
        for place, item in enumerate(responses.items)
    ]


def _unseen(responses: Responses, place: int) -> ItemStatistics:
    item, nan = responses.items[place], float("nan")
    return ItemStatistics(
        code=item.code,
        multiple=item.multiple,
        answers=0,
        facility=nan,
        discrimination=nan,
        upper_lower=nan,
        blank=nan,
        options=(),
    )


def _options(rows: _Rows) -> list[tuple[OptionStatistics, ...]]:
    """All items' first options together, then all second ones: as many passes as options."""
    items = rows.responses.items
    found: list[list[OptionStatistics]] = [[] for _ in items]
    for bit in range(max((len(item.options) for item in items), default=0)):
        figures = _one_option(rows, bit)
        for place, item in enumerate(items):
            if bit < len(item.options):
                picked, *others = (figure[place] for figure in figures)
                option = item.options[bit]
                found[place].append(_named(option, option in item.key, int(picked), others))
    return [tuple(options) for options in found]


def _named(option: str, keyed: bool, picked: int, figures: list[float]) -> OptionStatistics:
    share, lower, middle, upper, discrimination, rest_mean, rest_error = map(float, figures)
    return OptionStatistics(
        option=option,
        keyed=keyed,
        picked=picked,
        share=share,
        lower=lower,
        middle=middle,
        upper=upper,
        discrimination=discrimination,
        rest_mean=rest_mean,
        rest_error=rest_error,
    )


def _one_option(rows: _Rows, bit: int) -> tuple[Floats, ...]:
    """Of the option in this place of every item: eight figures an item."""
    chosen = ((rows.responses.picked >> bit) & 1).astype(float)
    groups = rows.groups
    known = ~np.isnan(rows.rest)
    weight, rest = chosen * known, np.where(known, rows.rest, 0)
    item, count = rows.responses.item, len(rows.responses.items)
    many = sums(item, count, weight)
    rest_mean = rows.mean(rest, weight)
    spread = rows.mean(rest * rest, weight) - rest_mean**2
    with np.errstate(divide="ignore", invalid="ignore"):
        error: Floats = np.sqrt(np.maximum(spread, 0) / (many - 1))
    return (
        sums(item, count, chosen),
        rows.mean(chosen, np.ones(len(chosen))),
        rows.mean(chosen, groups.lower),
        rows.mean(chosen, 1 - groups.lower - groups.upper),
        rows.mean(chosen, groups.upper),
        rows.correlation(chosen),
        rest_mean,
        error,
    )
