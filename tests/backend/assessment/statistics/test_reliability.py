"""Against printed figures, the formula written out, an independent package, and a known truth."""

import mirt
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.assessment.statistics.distribution import distribution
from backend.assessment.statistics.reliability import reliability
from backend.assessment.statistics.responses import Responses, scores_of
from tests.backend.assessment.statistics import published
from tests.backend.assessment.statistics.simulated import answered, drawn, from_matrix


def test_lsat_section_6_gives_the_printed_alpha_and_each_alpha_without_an_item() -> None:
    found = reliability(from_matrix(published.lsat6()))
    assert found.alpha == pytest.approx(published.ALPHA, abs=5e-5)
    assert found.kr20 == found.alpha
    assert found.alpha_without == pytest.approx(published.ALPHA_WITHOUT, abs=5e-5)


def test_an_independent_package_finds_the_same_alpha() -> None:
    right = answered(5, np.tile(np.arange(20, dtype=np.int32), (300, 1)), 20).matrix()
    theirs = mirt.traditional(right.astype(int))
    assert reliability(from_matrix(right)).alpha == pytest.approx(theirs.alpha)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(2, 8), st.integers(2, 12))
def test_where_all_answer_all_it_is_the_textbook_s_formula(
    seed: int, items: int, people: int
) -> None:
    right = np.random.default_rng(seed).integers(0, 2, (people, items)).astype(np.int8)
    marks = right.sum(axis=1)
    found = reliability(from_matrix(right))
    if marks.var() == 0:
        assert np.isnan(found.alpha) or found.alpha <= 0
        return
    expected = items / (items - 1) * (1 - right.var(axis=0).sum() / marks.var())
    assert found.alpha == pytest.approx(expected)
    error = marks.std() * np.sqrt(1 - expected) / items
    assert found.error == pytest.approx(error)


def weighted(responses: Responses, by_item: list[int]) -> Responses:
    factor = np.array(by_item, np.int32)[responses.item]
    return msgspec.structs.replace(
        responses, points=responses.points * factor, worth=responses.worth * factor
    )


def test_items_of_unequal_worth_count_by_their_points() -> None:
    right = published.lsat6()
    points = right * np.array([1, 2, 1, 1, 3])
    expected = 5 / 4 * (1 - points.var(axis=0).sum() / points.sum(axis=1).var())
    found = reliability(weighted(from_matrix(right), [1, 2, 1, 1, 3]))
    assert found.alpha == pytest.approx(expected)


def test_partial_credit_has_an_alpha_but_no_kr20() -> None:
    responses = from_matrix(published.lsat6())
    halved = msgspec.structs.replace(responses, points=responses.points // 2)
    assert reliability(halved).kr20 is None


def test_drawn_papers_tell_what_they_would_tell_again() -> None:
    """Two papers a person, drawn apart: their correlation is what dependability claims to be, and
    marks lie about the true share as far as the standard error says."""
    bank, paper, people = 200, 20, 3000
    both = drawn(6, people, bank, 2 * paper)
    whole = answered(7, both, bank, spread=0.7)
    in_first = np.tile(np.arange(2 * paper) < paper, people)
    halves = [_only(whole, in_first), _only(whole, ~in_first)]
    one, other = (scores_of(half).share for half in halves)
    found = reliability(halves[0])
    assert found.dependability == pytest.approx(np.corrcoef(one, other)[0, 1], abs=0.03)
    assert found.dependable_error == pytest.approx((one - other).std() / np.sqrt(2), rel=0.03)
    assert found.alpha > found.dependability
    assert found.error < found.dependable_error


def _only(responses: Responses, rows: np.ndarray) -> Responses:
    return Responses(
        items=responses.items,
        attempts=responses.attempts,
        attempt=responses.attempt[rows],
        item=responses.item[rows],
        points=responses.points[rows],
        worth=responses.worth[rows],
        picked=responses.picked[rows],
    )


def test_nothing_is_claimed_about_nobody() -> None:
    found = reliability(from_matrix(np.full((3, 2), -1, np.int8)))
    assert found.attempts == 0
    assert np.isnan([found.alpha, found.error, found.dependability]).all()
    assert distribution(from_matrix(np.full((3, 2), -1, np.int8)), 0.6, 0.1).attempts == 0


def test_marks_stand_in_bars_with_moments_and_the_share_that_is_near_the_pass_mark() -> None:
    right = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0], [0, 0, 0, 0, 0]], np.int8)
    found = distribution(from_matrix(right), 0.6, 0.2)
    assert found.bars == (1, 0, 0, 0, 0, 0, 1, 0, 1, 1)
    assert (found.mean, found.median, found.passed) == pytest.approx((0.6, 0.7, 0.75))
    assert found.near == 0.5
    assert found.skewness < 0
