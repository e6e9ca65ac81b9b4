"""Statistics of an exam year: a million answers of 20,000 papers drawn from a bank of 500.

The first floor is one pass of bare numpy over the same columns: right answers and picks of each
option, counted by item.
"""

import time
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from backend.assessment.statistics.answer_shares import answered_of
from backend.assessment.statistics.copying import compared
from backend.assessment.statistics.distribution import distribution
from backend.assessment.statistics.item_analysis import item_statistics
from backend.assessment.statistics.item_curves import Curves, Population, answers_of, posterior
from backend.assessment.statistics.item_flags import findings_of
from backend.assessment.statistics.item_response import calibrate
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
    return [
        row(name, value=value, unit="s", floor=floor, target="value <= 10"),
        _calibration(papers),
        _comparison(),
    ]


def _calibration(papers: Responses) -> Row:
    """Floor: one expectation over the same answers, of which it takes some thirty."""
    matrix = papers.matrix()
    answers, curves = answers_of(matrix), Curves(np.ones(_BANK), np.zeros(_BANK))
    with threadpool_limits(1):
        floor = _seconds(lambda: posterior(answers, curves, Population(0.0, 1.0)))
    value = _seconds(lambda: calibrate(matrix))
    name = "two-parameter calibration, 1,000,000 answers"
    return row(name, value=value, unit="s", floor=floor, target="value <= 60")


def _comparison() -> Row:
    """Floor: which answers are equal, counted for the same pairs."""
    papers = answered(2, np.tile(np.arange(50, dtype=np.int32), (2000, 1)), 50)
    group = np.repeat(np.arange(50), 40)
    code = answered_of(papers).code
    one, other = np.triu_indices(40, 1)

    def counted() -> None:
        for start in range(0, 2000, 40):
            (code[start + one] == code[start + other]).sum(axis=1)

    pairs = 50 * len(one)
    value, floor = interleaved(
        lambda: pairs / _seconds(lambda: compared(papers, group)),
        lambda: pairs / _seconds(counted),
    )
    name = "papers of 50 items compared for copying"
    return row(name, value=value, unit="pairs/s", floor=floor, target="value >= 5000")


def _classical(papers: Responses) -> None:
    for item in item_statistics(papers):
        findings_of(item)
    distribution(papers, 0.6, reliability(papers).error)


def _counted(papers: Responses) -> None:
    np.bincount(papers.item, papers.points, _BANK)
    for option in range(_OPTIONS):
        np.bincount(papers.item, (papers.picked >> option) & 1, _BANK)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
