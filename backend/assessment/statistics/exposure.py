"""How often each item has been shown, how much papers share, and which items seem to be known.

Overlap of two papers: Chen, Ankenmann & Spray, J. Educational Measurement 40 (2003).
"""

from collections.abc import Iterable

import msgspec
import numpy as np

from backend.assessment.statistics.drift import Class, Drift
from backend.assessment.statistics.responses import Floats, Responses, sums
from backend.assessment.statistics.signals import FALSE_ALARMS, Kind, Signal, one_in


class Exposure(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    rate: Floats
    """By item: the share of papers that held it."""
    overlap: float
    """Mean share of a paper that another paper also holds. NaN for fewer than two papers."""


def exposure(responses: Responses) -> Exposure:
    shown = sums(responses.item, len(responses.items))
    papers = int(np.count_nonzero(sums(responses.attempt, responses.attempts)))
    if papers < 2:
        return Exposure(rate=np.minimum(shown, 1), overlap=float("nan"))
    pairs = float((shown * (shown - 1)).sum()) / (papers * (papers - 1))
    return Exposure(rate=shown / papers, overlap=pairs * papers / len(responses.item))


def exposed_items(drifts: Iterable[Drift], false_alarms: float = FALSE_ALARMS) -> list[Signal]:
    """Items that became much easier for people as able. `drifts` between an early and a late
    window of the same edition; easier after the course has changed is no leak."""
    drifts = list(drifts)
    among = sum(not np.isnan(item.odds.chance) for item in drifts)
    return [
        _signal(item, among)
        for item in drifts
        if item.odds.size is Class.LARGE
        and item.odds.delta > 0
        and item.odds.chance * among <= false_alarms
    ]


def _signal(item: Drift, among: int) -> Signal:
    early, late = (f"{100 * share:.0f}%" for share in item.facility)
    return Signal(
        kind=Kind.EXPOSED_ITEM,
        items=(item.code,),
        chance=item.odds.chance,
        among=among,
        zh=(
            f"试题 {item.code} 的得分率由 {early} 升至 {late}，且同等水平者之间亦然；未变而如此的"
            f"概率约 1/{one_in(item.odds.chance)}。可能已外传，建议停用并核查后期作答。"
        ),
        en=(
            f"Item {item.code} went from {early} to {late} right, among people as able too; "
            f"unchanged items do so about once in {one_in(item.odds.chance)}. It may be going "
            "round: rest it and look at the later attempts."
        ),
    )
