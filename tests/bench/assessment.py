"""Statistics of an exam year: a million answers of 20,000 papers drawn from a bank of 500.

The floor is one pass of bare numpy over the same columns: right answers and picks of each option,
counted by item.
"""

import time
from collections.abc import Callable

import numpy as np

from backend.assessment.statistics.distribution import distribution
from backend.assessment.statistics.item_analysis import item_statistics
from backend.assessment.statistics.item_flags import findings_of
from backend.assessment.statistics.reliability import reliability
from backend.assessment.statistics.responses import Responses
from tests.backend.assessment.statistics.simulated import answered, drawn
from tests.bench.rows import Row, interleaved, row

_PEOPLE, _BANK, _PAPER, _OPTIONS = 20_000, 500, 50, 4


def measure() -> list[Row]:
    papers = answered(1, drawn(1, _PEOPLE, _BANK, _PAPER), _BANK)
    value, floor = interleaved(
        lambda: _seconds(lambda: _classical(papers)), lambda: _seconds(lambda: _counted(papers))
    )
    name = "classical statistics with distractors, 1,000,000 answers"
    return [row(name, value=value, unit="s", floor=floor, target="value <= 10")]


def _classical(papers: Responses) -> None:
    for item in item_statistics(papers):
        findings_of(item)
    distribution(papers, 0.6, reliability(papers).error)


def _counted(papers: Responses) -> None:
    np.bincount(papers.item, papers.points, _BANK)
    for option in range(_OPTIONS):
        np.bincount(papers.item, (papers.picked >> option) & 1, _BANK)


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
