"""Whether an item still measures what it did: in a later edition, or after it has been used long.

Three looks. The delta plot sets difficulties of both times against each other (Angoff & Ford, J.
Educational Measurement 10 (1973)); the robust z does so for calibrated difficulties (Huynh & Meyer,
Practical Assessment, Research & Evaluation 15 (2010)); Mantel and Haenszel's odds ratio compares
people who do equally well on the rest (Holland & Thayer, in Wainer & Braun (eds.), Test Validity
(1988); variance: Robins, Breslow & Greenland, Biometrics 42 (1986)). The first two need nobody's
answers, the third hardly minds that other people sat the exam: as scores hold some luck, half a
deviation between the groups still moves all items by about a quarter of a delta.
"""

from enum import StrEnum
from math import erfc, sqrt
from statistics import NormalDist

import msgspec
import numpy as np

from backend.assessment.statistics.responses import Floats, Responses, rest_shares, scores_of

FAR_FROM_THE_LINE = 1.5
"""Of the delta plot, in deltas (a normal deviate times four)."""
FAR_IN_Z = 2.58
EVIDENCE = 0.0027
"""Three standard errors: a bank of five hundred items asks five hundred times."""
BANDS = 20
"""Of the share earned elsewhere, within which people count as equally able."""
_DELTA_AN_ODDS = -2.35


class Class(StrEnum):
    """Of the Educational Testing Service: negligible, moderate, large (Zwick & Ercikan, J.
    Educational Measurement 26 (1989))."""

    NEGLIGIBLE = "A"
    MODERATE = "B"
    LARGE = "C"


class Odds(msgspec.Struct, frozen=True, kw_only=True):
    """NaN and class A where no band holds both groups and both outcomes."""

    ratio: float
    """Odds of being right in the first group over those in the second, alike ability."""
    delta: float
    """The same on the delta scale. Positive: easier for the second group."""
    error: float
    square: float
    """Chi-square with one degree of freedom, corrected for continuity."""
    chance: float
    size: Class


def deltas(facility: Floats) -> Floats:
    """13 for half right, 4 a normal deviate; higher is harder. Facilities of 0 and 1 give NaN."""
    inside = (facility > 0) & (facility < 1)
    normal = NormalDist()
    return np.array(
        [
            13 - 4 * normal.inv_cdf(p) if ok else np.nan
            for p, ok in zip(facility, inside, strict=True)
        ]
    )


def delta_distances(before: Floats, after: Floats) -> Floats:
    """Of each item from the main axis of the plot of both times' facilities, in deltas. Positive:
    the item became easier than the others did. NaN without at least three usable items."""
    x, y = deltas(before), deltas(after)
    known = ~np.isnan(x) & ~np.isnan(y)
    if known.sum() < 3:
        return np.full(len(x), np.nan)
    (xx, xy), (_, yy) = np.cov(x[known], y[known])
    slope = (yy - xx + sqrt((yy - xx) ** 2 + 4 * xy**2)) / (2 * xy) if xy else 1.0
    line = slope * (x - x[known].mean()) + y[known].mean()
    return np.asarray((line - y) / sqrt(slope**2 + 1))


def robust_z(before: Floats, after: Floats) -> Floats:
    """Of the changes of calibrated difficulties. 0.74 times the distance of the quartiles is the
    deviation where changes are normal, and a few drifting items do not move it."""
    change = after - before
    if np.isnan(change).all():
        return change
    low, middle, high = np.nanquantile(change, (0.25, 0.5, 0.75))
    spread = 0.74 * (high - low)
    return np.asarray((change - middle) / spread) if spread > 0 else np.zeros(len(change))


def mantel_haenszel(tables: Floats) -> Odds:
    """`tables`: bands × two groups × (right, wrong)."""
    total = tables.sum(axis=(1, 2))
    tables, total = tables[total > 1], total[total > 1]
    (a, b), (c, d) = tables.transpose(1, 2, 0)
    one, other = (a * d / total).sum(), (b * c / total).sum()
    if min(one, other) <= 0 < max(one, other):
        return mantel_haenszel(_with_half_an_answer(tables))
    spread = ((a + b) * (c + d) * (a + c) * (b + d) / (total**2 * (total - 1))).sum()
    if not (one > 0 and other > 0 and spread > 0):
        nan = float("nan")
        return Odds(ratio=nan, delta=nan, error=nan, square=nan, chance=nan, size=Class.NEGLIGIBLE)
    off = abs((a - (a + b) * (a + c) / total).sum())
    square = max(off - 0.5, 0) ** 2 / spread
    alike, unlike = (a + d) / total, (b + c) / total
    straight, crossed = a * d / total, b * c / total
    variance = (
        (alike * straight).sum() / (2 * one**2)
        + (alike * crossed + unlike * straight).sum() / (2 * one * other)
        + (unlike * crossed).sum() / (2 * other**2)
    )
    delta, error = _DELTA_AN_ODDS * float(np.log(one / other)), -_DELTA_AN_ODDS * sqrt(variance)
    chance = erfc(sqrt(square / 2))
    return Odds(
        ratio=float(one / other),
        delta=delta,
        error=error,
        square=float(square),
        chance=chance,
        size=_size(abs(delta), error, chance),
    )


def _with_half_an_answer(tables: Floats) -> Floats:
    """More in every cell, over all bands together (Haldane's): where a group was right without
    exception, as one that knew the item, the odds would have no end."""
    return np.asarray(tables + 0.5 / len(tables))


def _size(delta: float, error: float, chance: float) -> Class:
    if delta < 1 or chance >= 0.05:
        return Class.NEGLIGIBLE
    return Class.LARGE if delta >= 1.5 and delta - 1.645 * error > 1 else Class.MODERATE


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    answers: tuple[int, int]
    """Before and after."""
    facility: tuple[float, float]
    distance: float
    """From the delta plot's axis; positive: easier than the other items became."""
    odds: Odds

    @property
    def striking(self) -> bool:
        """Worth an author's look, and seldom by chance."""
        return self.odds.size is not Class.NEGLIGIBLE and self.odds.chance <= EVIDENCE

    @property
    def zh(self) -> str:
        """Empty where nothing need be looked at."""
        if self.odds.size is Class.NEGLIGIBLE:
            return ""
        one, other = (f"{100 * share:.0f}%" for share in self.facility)
        if self.odds.delta > 0:
            return f"同等水平者的得分率由 {one} 升至 {other}：本题变容易了，可能已泄露或讲解过。"
        return f"同等水平者的得分率由 {one} 降至 {other}：本题变难了，请核对条款或教材是否已改。"

    @property
    def en(self) -> str:
        if self.odds.size is Class.NEGLIGIBLE:
            return ""
        one, other = (f"{100 * share:.0f}%" for share in self.facility)
        if self.odds.delta > 0:
            return f"Easier for people as able ({one}, now {other}): it may be known or be taught."
        return f"Harder for people as able ({one}, now {other}): has the clause or text changed?"


def drift(before: Responses, after: Responses) -> list[Drift]:
    """Of the items that both hold, by code, in the order of `before`."""
    later = {item.code: place for place, item in enumerate(after.items)}
    shared = [(n, later[item.code]) for n, item in enumerate(before.items) if item.code in later]
    tables = [_by_band(before), _by_band(after)]
    old, new = (tables[side][[pair[side] for pair in shared]] for side in (0, 1))
    counts = old.sum(axis=1), new.sum(axis=1)
    with np.errstate(invalid="ignore"):
        facility = [count[:, 0] / count.sum(axis=1) for count in counts]
    distances = delta_distances(*facility)
    return [
        Drift(
            code=before.items[shared[n][0]].code,
            answers=(int(counts[0][n].sum()), int(counts[1][n].sum())),
            facility=(float(facility[0][n]), float(facility[1][n])),
            distance=float(distances[n]),
            odds=mantel_haenszel(np.stack([old[n], new[n]], axis=1)),
        )
        for n in range(len(shared))
    ]


def _by_band(responses: Responses) -> Floats:
    """Items × bands × (right, wrong). Partial credit counts as wrong."""
    rest = rest_shares(responses, scores_of(responses))
    known = ~np.isnan(rest)
    band = np.minimum((rest[known] * BANDS + 1e-9).astype(int), BANDS - 1)
    wrong = (responses.points < responses.worth)[known]
    cell = (responses.item[known].astype(np.int64) * BANDS + band) * 2 + wrong
    counts = np.bincount(cell, minlength=len(responses.items) * BANDS * 2).astype(float)
    return counts.reshape(len(responses.items), BANDS, 2)
