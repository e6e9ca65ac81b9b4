"""Against printed estimates, an independent package, and parameters that were known before."""

import mirt
import numpy as np
import pytest
from numpy.typing import NDArray

from backend.assessment.statistics.item_curves import (
    Curves,
    Population,
    abilities,
    answers_of,
    posterior,
)
from backend.assessment.statistics.item_response import Anchor, Calibration, Model, calibrate
from backend.assessment.statistics.responses import Floats, UnusableResponses
from tests.backend.assessment.statistics import published
from tests.backend.assessment.statistics.simulated import chances, drawn

BANK = 60
TRUTH = np.random.default_rng(12)
SLOPE, DIFFICULTY = TRUTH.lognormal(0, 0.3, BANK), TRUTH.normal(0, 1, BANK)


def column(found: Calibration, name: str) -> Floats:
    return np.array([getattr(item, name) for item in found.items])


def sat(seed: int, people: int, *, mean: float = 0.0, deviation: float = 1.0) -> NDArray[np.int8]:
    """Papers of 30 from the bank of 60."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(mean, deviation, people)
    right = (rng.random((people, BANK)) < chances(ability[:, None], SLOPE, DIFFICULTY)).astype(
        np.int8
    )
    hidden = np.ones(right.shape, bool)
    np.put_along_axis(hidden, drawn(seed, people, BANK, 30), False, axis=1)
    right[hidden] = -1
    return right


def test_lsat_section_6_gives_the_printed_one_parameter_model() -> None:
    found = calibrate(published.lsat6(), Model.ONE_PARAMETER, tolerance=1e-6)
    assert found.likelihood == pytest.approx(published.ONE_PARAMETER_LIKELIHOOD, abs=1e-3)
    assert column(found, "slope") == pytest.approx(published.ONE_PARAMETER_SLOPE, abs=1e-4)
    expected = published.ONE_PARAMETER_DIFFICULTY
    assert column(found, "difficulty") == pytest.approx(expected, abs=2e-4)


def test_lsat_section_6_gives_the_printed_two_parameter_model() -> None:
    """Its likelihood is flat: what was printed stopped a little before the top."""
    found = calibrate(published.lsat6(), tolerance=1e-6)
    assert found.likelihood == pytest.approx(published.TWO_PARAMETER_LIKELIHOOD, abs=1e-3)
    assert column(found, "slope") == pytest.approx(published.TWO_PARAMETER_SLOPE, abs=2e-3)
    expected = published.TWO_PARAMETER_DIFFICULTY
    assert column(found, "difficulty") == pytest.approx(expected, abs=5e-3)


@pytest.fixture(scope="module")
def answers() -> NDArray[np.int8]:
    return sat(13, 3000)


@pytest.fixture(scope="module")
def found(answers: NDArray[np.int8]) -> Calibration:
    return calibrate(answers)


def test_known_parameters_are_found_within_their_errors_though_half_was_not_drawn(
    found: Calibration,
) -> None:
    assert found.converged
    assert (found.mean, found.deviation) == (0, 1)
    for name, truth in (("slope", SLOPE), ("difficulty", DIFFICULTY)):
        off = (column(found, name) - truth) / column(found, f"{name}_error")
        assert 0.75 < np.sqrt((off**2).mean()) < 1.25
        assert np.abs(off).max() < 4


def test_an_independent_package_finds_the_same(
    answers: NDArray[np.int8], found: Calibration
) -> None:
    theirs = mirt.fit_mirt(answers.astype(int), model="2PL", compute_standard_errors=False)
    parameters = theirs.model.parameters
    assert column(found, "slope") == pytest.approx(parameters["discrimination"], abs=0.02)
    assert column(found, "difficulty") == pytest.approx(parameters["difficulty"], abs=0.02)


@pytest.mark.parametrize("model", list(Model))
def test_anchors_hold_the_scale_for_other_people(model: Model) -> None:
    """A better and more alike population: the new items' difficulties stay where they were."""
    slope = SLOPE if model is Model.TWO_PARAMETER else np.ones(BANK)
    rng = np.random.default_rng(14)
    ability = rng.normal(0.5, 0.8, (2500, 1))
    right = (rng.random((2500, BANK)) < chances(ability, slope, DIFFICULTY)).astype(np.int8)
    anchors = {n: Anchor(slope[n], DIFFICULTY[n]) for n in range(20)}
    found = calibrate(right, model, anchors)
    assert (found.mean, found.deviation) == pytest.approx((0.5, 0.8), abs=0.06)
    assert column(found, "difficulty")[:20] == pytest.approx(DIFFICULTY[:20])
    off = (column(found, "difficulty") - DIFFICULTY)[20:] / column(found, "difficulty_error")[20:]
    assert np.sqrt((off**2).mean()) < 1.6
    assert np.isnan(column(found, "difficulty_error")[:20]).all()


def test_ability_is_estimated_with_an_error_that_is_honest(answers: NDArray[np.int8]) -> None:
    curves = Curves(SLOPE, -SLOPE * DIFFICULTY)
    believed, _ = posterior(answers_of(answers), curves, Population(0.0, 1.0))
    estimate, error = abilities(believed)
    truth = np.random.default_rng(13).normal(0, 1, len(answers))
    assert np.sqrt((((estimate - truth) / error) ** 2).mean()) == pytest.approx(1, abs=0.05)


def test_items_that_all_or_none_got_right_have_no_difficulty_and_harm_no_other() -> None:
    right = published.lsat6()
    padded = np.hstack([right, np.ones((1000, 1), np.int8), np.zeros((1000, 1), np.int8)])
    found, alone = calibrate(padded), calibrate(right)
    assert np.isnan(column(found, "difficulty")[5:]).all()
    assert column(found, "difficulty")[:5] == pytest.approx(column(alone, "difficulty"))
    with pytest.raises(UnusableResponses):
        calibrate(np.ones((10, 3), np.int8))
