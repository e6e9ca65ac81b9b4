from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from backend.assessment.statistics.devices import Sitting, overlapping, shared_devices
from backend.assessment.statistics.drift import drift
from backend.assessment.statistics.exposure import exposed_items, exposure
from backend.assessment.statistics.responses import Responses
from tests.backend.assessment.statistics.simulated import answered, chances, drawn, from_matrix

BANK = 40
DIFFICULTY = np.random.default_rng(50).normal(0, 0.7, BANK)


def sat(seed: int, leaked: int | None = None) -> Responses:
    """1,500 papers of 20; of the leaked item two thirds know the answer."""
    rng = np.random.default_rng(seed)
    right = rng.random((1500, BANK)) < chances(rng.normal(0, 1, (1500, 1)), np.ones(1), DIFFICULTY)
    if leaked is not None:
        right[:, leaked] |= rng.random(1500) < 2 / 3
    papers = np.full(right.shape, -1, np.int8)
    mine = drawn(seed, 1500, BANK, 20)
    np.put_along_axis(papers, mine, np.take_along_axis(right, mine, 1).astype(np.int8), 1)
    return from_matrix(papers)


def test_rates_are_shares_of_the_papers_and_overlap_is_that_of_any_two() -> None:
    found = exposure(from_matrix(np.array([[1, 0, -1], [1, -1, 0], [0, 1, -1]], np.int8)))
    assert found.rate.tolist() == pytest.approx([1, 2 / 3, 1 / 3])
    assert found.overlap == pytest.approx((0.5 + 1 + 0.5) / 3)
    everywhere = exposure(answered(51, drawn(51, 400, 100, 25), 100))
    assert everywhere.overlap == pytest.approx(0.25, abs=0.01)
    assert np.isnan(exposure(from_matrix(np.array([[1, 0]], np.int8))).overlap)


def test_a_leaked_item_is_named_and_no_other() -> None:
    (found,) = exposed_items(drift(sat(52), sat(53, leaked=7)))
    assert found.items == ("Q7",)
    assert found.expected <= 0.05
    assert "可能已外传" in found.zh
    assert exposed_items(drift(sat(52), sat(54))) == []


MORNING = datetime(2026, 6, 1, 8, tzinfo=UTC)


def sitting(attempt: int, learner: str, device: str, hour: int) -> Sitting:
    began = MORNING + timedelta(hours=hour)
    return Sitting(
        attempt=attempt,
        learner=learner,
        device=device,
        started=began,
        ended=began + timedelta(minutes=90),
    )


def test_a_device_of_many_learners_is_shown_with_what_ran_at_once() -> None:
    shared = [sitting(n, f"L{n}", "S", hour) for n, hour in enumerate((0, 1, 5, 9))]
    couple = [sitting(10, "A", "C", 0), sitting(11, "B", "C", 3)]
    again = [sitting(12 + n, "X", "R", 2 * n) for n in range(5)]
    (found,) = shared_devices([*couple, *shared, *again])
    assert found.attempts == (0, 1, 2, 3)
    assert found.chance == pytest.approx(1 / 3)
    assert "4 名学员" in found.zh
    assert "1 对考试时间重叠" in found.zh
    assert "1 pairs of sittings overlap" in found.en
    assert overlapping(again) == 0
    assert len(shared_devices([*couple, *shared], fewest=2)) == 2
