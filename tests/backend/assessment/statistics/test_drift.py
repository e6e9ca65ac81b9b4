"""Against a printed example, an axis worked out by hand, and banks in which one item leaked."""

import numpy as np
import pytest

from backend.assessment.statistics.drift import (
    FAR_IN_Z,
    Class,
    delta_distances,
    deltas,
    drift,
    mantel_haenszel,
    robust_z,
)
from backend.assessment.statistics.responses import Floats, Responses
from tests.backend.assessment.statistics.simulated import chances, drawn, from_matrix, keyed

BANK = 60


def test_admissions_to_berkeley_give_the_printed_odds() -> None:
    """Bickel, Hammel & O'Connell, Science 187 (1975), six departments, men and women admitted and
    rejected; the figures are those that R prints for its data set UCBAdmissions."""
    men = ((512, 313), (353, 207), (120, 205), (138, 279), (53, 138), (22, 351))
    women = ((89, 19), (17, 8), (202, 391), (131, 244), (94, 299), (24, 317))
    found = mantel_haenszel(np.stack([men, women], axis=1).astype(float))
    assert found.ratio == pytest.approx(0.9046968, abs=1e-7)
    assert found.square == pytest.approx(1.4269, abs=5e-5)
    assert found.chance == pytest.approx(0.2323, abs=5e-5)
    interval = np.log(found.ratio) + np.array([-1.959964, 1.959964]) * found.error / 2.35
    assert np.exp(interval) == pytest.approx((0.7719074, 1.0603298), abs=1e-6)
    assert found.size is Class.NEGLIGIBLE


def test_delta_is_13_for_half_right_and_4_a_deviate() -> None:
    found = deltas(np.array([0.5, 0.8413447, 0.1586553, 1.0]))
    assert found[:3] == pytest.approx([13, 9, 17], abs=1e-5)
    assert np.isnan(found[3])


def test_an_item_off_the_axis_has_its_distance() -> None:
    """All became easier alike, but one by far more."""
    hard = np.linspace(0.2, 0.8, 13)
    later = hard + 0.05
    assert np.abs(delta_distances(hard, later)).max() < 0.3
    later[6] = 0.9
    found = delta_distances(hard, later)
    assert np.nanargmax(found) == 6
    assert found[6] > 1.5


def test_one_drifting_difficulty_stands_out_and_hides_no_other() -> None:
    before = np.linspace(-2, 2, 21)
    after = before + 0.2 + np.random.default_rng(20).normal(0, 0.05, 21)
    after[3] -= 1
    found = robust_z(before, after)
    assert found[3] < -FAR_IN_Z
    assert np.abs(np.delete(found, 3)).max() < 4
    assert robust_z(before, before).tolist() == [0] * 21


def sat(seed: int, mean: float, difficulty: Floats) -> Responses:
    rng = np.random.default_rng(seed)
    right = rng.random((3000, BANK)) < chances(
        rng.normal(mean, 1, (3000, 1)), np.ones(1), difficulty
    )
    papers = np.full(right.shape, -1, np.int8)
    mine = drawn(seed, 3000, BANK, 25)
    np.put_along_axis(papers, mine, np.take_along_axis(right, mine, 1).astype(np.int8), 1)
    return from_matrix(papers, tuple(keyed(f"Q{n}") for n in range(BANK)))


def test_a_leaked_item_and_a_changed_one_are_told_from_better_people() -> None:
    difficulty = np.random.default_rng(21).normal(0, 0.8, BANK)
    changed = difficulty.copy()
    changed[5] -= 1.5
    changed[6] += 1.5
    found = drift(sat(22, 0.0, difficulty), sat(23, 0.5, changed))
    assert [item.code for item in found if item.odds.size is Class.LARGE] == ["Q5", "Q6"]
    assert "可能已泄露" in found[5].zh
    assert "Easier" in found[5].en
    assert "变难" in found[6].zh
    assert "Harder" in found[6].en
    others = [item for item in found if item.code not in {"Q5", "Q6"}]
    assert {item.odds.size for item in others} == {Class.NEGLIGIBLE}
    assert others[0].zh == others[0].en == ""
    assert found[5].distance > 1.2 > abs(others[0].distance)


def test_an_item_of_one_time_only_is_left_out_and_an_empty_one_is_negligible() -> None:
    matrix = np.array([[1, 0, -1], [0, 1, -1]], np.int8)
    before = from_matrix(matrix, tuple(map(keyed, ("A", "B", "C"))))
    after = from_matrix(matrix, tuple(map(keyed, ("B", "C", "D"))))
    found = drift(before, after)
    assert [item.code for item in found] == ["B", "C"]
    assert found[1].odds.size is Class.NEGLIGIBLE
