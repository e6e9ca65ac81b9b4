"""Against figures printed in the literature, against scipy and against sums done the long way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.assessment.statistics.groups import standing
from backend.assessment.statistics.item_analysis import item_statistics
from backend.assessment.statistics.responses import Responses, rest_shares, scores_of
from tests.backend.assessment.statistics import published
from tests.backend.assessment.statistics.simulated import answered, drawn, from_matrix


def test_lsat_section_6_gives_the_printed_figures() -> None:
    """ltm divides by the deviation with n - 1, which moves the fourth digit at 1,000 people."""
    found = item_statistics(from_matrix(published.lsat6()))
    assert [round(1000 * item.facility) for item in found] == [*published.ITEM_TOTALS]
    shown = [item.discrimination * np.sqrt(999 / 1000) for item in found]
    assert shown == pytest.approx(published.POINT_BISERIALS, abs=5e-5)


@pytest.fixture(scope="module")
def papers() -> Responses:
    """600 papers of 12 items drawn from a bank of 40."""
    return answered(2, drawn(2, 600, 40, 12), 40)


def test_each_item_agrees_with_scipy_on_those_who_drew_it(papers: Responses) -> None:
    from scipy.stats import pointbiserialr  # above, it would cost every process a second

    rest = rest_shares(papers, scores_of(papers))
    for place, item in enumerate(item_statistics(papers)):
        mine = papers.item == place
        assert item.answers == mine.sum()
        assert item.facility == pytest.approx(papers.credit[mine].mean())
        expected = pointbiserialr(papers.credit[mine], rest[mine]).statistic
        assert item.discrimination == pytest.approx(expected)
        for bit, option in enumerate(item.options):
            chosen = (papers.picked[mine] >> bit) & 1
            assert option.share == pytest.approx(chosen.mean())
            assert option.picked == chosen.sum()
            if 0 < chosen.sum() < len(chosen):
                expected = pointbiserialr(chosen, rest[mine]).statistic
                assert option.discrimination == pytest.approx(expected)
            if chosen.sum() > 1:
                those = rest[mine][chosen == 1]
                assert option.rest_mean == pytest.approx(those.mean())
                error = those.std(ddof=1) / np.sqrt(len(those))
                assert option.rest_error == pytest.approx(error)


def test_shares_of_the_options_add_up_in_every_group(papers: Responses) -> None:
    for item in item_statistics(papers):
        for group in ("share", "lower", "middle", "upper"):
            assert sum(getattr(option, group) for option in item.options) == pytest.approx(1)
        key = next(option for option in item.options if option.keyed)
        assert key.share == pytest.approx(item.facility)
        assert key.upper - key.lower == pytest.approx(item.upper_lower)


def test_the_order_of_rows_changes_nothing(papers: Responses) -> None:
    order = np.random.default_rng(3).permutation(len(papers.item))
    mixed = Responses(
        items=papers.items,
        attempts=papers.attempts,
        attempt=papers.attempt[order],
        item=papers.item[order],
        points=papers.points[order],
        worth=papers.worth[order],
        picked=papers.picked[order],
    )
    for one, other in zip(item_statistics(papers), item_statistics(mixed), strict=True):
        assert one.upper_lower == pytest.approx(other.upper_lower)
        assert one.discrimination == pytest.approx(other.discrimination)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40))
def test_outer_groups_weigh_27_percent_and_ties_share_a_place(marks: list[int]) -> None:
    rest = np.array(marks, float)
    found = standing(np.zeros(len(marks), np.int32), rest)
    for weight in (found.lower, found.upper):
        assert weight.sum() == pytest.approx(0.27 * len(marks))
        assert weight.min() >= 0
        for mark in set(marks):
            assert len(set(weight[rest == mark].tolist())) == 1
    assert (found.lower + found.upper).max() <= 1 + 1e-9
    # Nobody enters the upper group before a better one is wholly in it.
    by_mark = [float(found.upper[rest == mark][0]) for mark in sorted(set(marks))]
    assert all(better == 1 or worse == 0 for worse, better in zip(by_mark, by_mark[1:]))  # noqa: B905, RUF007


def test_groups_are_those_of_a_sort_where_nobody_ties() -> None:
    rest = np.random.default_rng(4).permutation(100) / 100
    found = standing(np.zeros(100, np.int32), rest)
    assert set(np.flatnonzero(found.upper)) == set(np.argsort(rest)[-27:])
    assert set(np.flatnonzero(found.lower)) == set(np.argsort(rest)[:27])


def test_an_item_that_nobody_drew_or_everybody_got_right_has_figures_only_where_they_exist() -> (
    None
):
    right = np.array([[1, 1, -1], [1, 0, -1], [1, 1, -1], [1, 0, -1]], np.int8)
    all_right, _, unseen = item_statistics(from_matrix(right))
    assert all_right.facility == 1
    assert np.isnan(all_right.discrimination)
    assert unseen.answers == 0
    assert np.isnan(unseen.facility)
    nothing = from_matrix(np.full((2, 2), -1, np.int8))
    assert [item.answers for item in item_statistics(nothing)] == [0, 0]
