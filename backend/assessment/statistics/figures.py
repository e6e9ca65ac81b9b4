"""All that is kept of an exam's answers, so that nobody's answers need be read again to show it.

Small numbers say too much of single people: below `FEWEST` nothing is worked out, and figures are
worked out anew only when so many have come that no two reports differ by a person or two.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.assessment.statistics.distribution import Distribution, distribution
from backend.assessment.statistics.drift import Drift, drift
from backend.assessment.statistics.exam_report import in_order_of_urgency
from backend.assessment.statistics.exposure import exposure
from backend.assessment.statistics.item_analysis import ItemStatistics, item_statistics
from backend.assessment.statistics.item_flags import ENOUGH_ANSWERS, Finding, findings_of
from backend.assessment.statistics.item_pictures import all_option_shares
from backend.assessment.statistics.item_response import ItemParameters, Model, calibrate
from backend.assessment.statistics.reliability import Reliability, reliability
from backend.assessment.statistics.responses import KeyedItem, Responses, UnusableResponses, sums

FEWEST = 20
"""People, of an exam and of an item, below whom no figure is shown."""
ENOUGH_FOR_BARS = 50
"""People, below whom the bars of the marks would stand for one or two each."""
FRESH_SHARE = 20
"""Figures are worked out anew when a twentieth has been added, and `FEWEST` people at least."""
ENOUGH_FOR_A_CURVE, ENOUGH_FOR_A_SLOPE = 200, 500
_FEWEST_CURVES = 5


class ItemFigures(msgspec.Struct, frozen=True, kw_only=True):
    item: KeyedItem
    answers: int
    statistics: ItemStatistics | None
    """None below `FEWEST` answers; so is all that follows."""
    findings: tuple[Finding, ...]
    fifths: list[list[float]] = []
    """Options × fifths: who picks which, from the weakest to the best."""
    curve: ItemParameters | None = None
    drift: Drift | None = None
    """Against the edition before, where both have enough answers."""
    shown: float = 0.0
    """Share of the papers that held it."""

    @property
    def code(self) -> str:
        return self.item.code


class ExamFigures(msgspec.Struct, frozen=True, kw_only=True):
    attempts: int
    pass_share: float
    reliability: Reliability
    distribution: Distribution
    overlap: float
    """Mean share of a paper that another paper also holds."""
    model: Model | None
    """None: too few answers for curves."""
    before: str | None
    """The edition that the items are compared with."""
    items: tuple[ItemFigures, ...]
    """Those to look at first, first."""


def worth_working_out(now: int, before: int | None) -> bool:
    """`now`, `before`: people, at present and in the figures that are kept."""
    if before is None:
        return now >= FEWEST
    return now - before >= max(FEWEST, before // FRESH_SHARE)


def exam_figures(
    by_question: Responses,
    whole: Responses,
    pass_share: float,
    earlier: tuple[str, Responses] | None = None,
) -> ExamFigures:
    """`earlier`: the edition before, by question."""
    trust = reliability(whole)
    model, curves = _curves(by_question)
    seen = exposure(by_question)
    found = item_statistics(by_question)
    shares = all_option_shares(by_question)
    drifts = _drifts(earlier, by_question)
    return ExamFigures(
        attempts=whole.attempts,
        pass_share=pass_share,
        reliability=trust,
        distribution=distribution(whole, pass_share, trust.dependable_error),
        overlap=exposure(whole).overlap,
        model=model,
        before=earlier[0] if earlier else None,
        items=in_order_of_urgency(
            _of_item(
                by_question.items[place],
                statistics,
                fifths=shares[place].tolist(),
                curve=curves.get(place),
                drift=drifts.get(statistics.code),
                shown=float(seen.rate[place]),
            )
            for place, statistics in enumerate(found)
        ),
    )


def _of_item(
    item: KeyedItem,
    statistics: ItemStatistics,
    *,
    fifths: list[list[float]],
    curve: ItemParameters | None,
    drift: Drift | None,
    shown: float,
) -> ItemFigures:
    found = tuple(findings_of(statistics))
    if statistics.answers < FEWEST:
        return ItemFigures(
            item=item, answers=statistics.answers, statistics=None, findings=found, shown=shown
        )
    return ItemFigures(
        item=item,
        answers=statistics.answers,
        statistics=statistics,
        findings=found,
        fifths=fifths,
        curve=curve,
        drift=drift,
        shown=shown,
    )


def _curves(responses: Responses) -> tuple[Model | None, dict[int, ItemParameters]]:
    """By column, of items with answers enough. Questions of a case hang together, which the model
    denies: they have none."""
    answers = sums(responses.item, len(responses.items))
    alone = np.array(["/" not in item.code for item in responses.items], bool)
    columns = np.flatnonzero((answers >= ENOUGH_FOR_A_CURVE) & alone)
    if len(columns) < _FEWEST_CURVES:
        return None, {}
    slopes = answers[columns].min() >= ENOUGH_FOR_A_SLOPE
    model = Model.TWO_PARAMETER if slopes else Model.ONE_PARAMETER
    try:
        found = calibrate(_matrix(responses, columns), model)
    except UnusableResponses:
        return None, {}
    if not found.converged:
        return None, {}
    pairs = zip(columns, found.items, strict=True)
    return model, {int(n): one for n, one in pairs if not np.isnan(one.difficulty_error)}


def _matrix(responses: Responses, columns: NDArray[np.int64]) -> NDArray[np.int8]:
    matrix = responses.matrix()[:, columns]
    return np.asarray(matrix[(matrix >= 0).any(axis=1)])


def _drifts(earlier: tuple[str, Responses] | None, now: Responses) -> dict[str, Drift]:
    if earlier is None or not len(earlier[1].item) or not len(now.item):
        return {}
    found = drift(earlier[1], now)
    return {one.code: one for one in found if min(one.answers) >= ENOUGH_ANSWERS}
