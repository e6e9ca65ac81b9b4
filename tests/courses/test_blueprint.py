from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from courses.apportionment import apportion
from courses.blueprint import blueprint_of, cells
from courses.format import Edition, Level
from courses.programmes import lessons_of, required_seconds

WEIGHTS = st.lists(st.integers(0, 1000), min_size=1, max_size=40)


@given(total=st.integers(0, 500), weights=WEIGHTS)
def test_apportioned_counts_sum_and_stay_within_one_of_the_quota(
    total: int, weights: list[int]
) -> None:
    assume(sum(weights))
    counts = apportion(total, weights)
    assert sum(counts) == total
    for count, weight in zip(counts, weights, strict=True):
        assert abs(count * sum(weights) - total * weight) < sum(weights)


@given(total=st.integers(0, 100), weights=WEIGHTS)
def test_a_greater_weight_never_gets_less(total: int, weights: list[int]) -> None:
    assume(sum(weights))
    pairs = sorted(zip(weights, apportion(total, weights), strict=True))
    for (weight, count), (next_weight, next_count) in pairwise(pairs):
        assert weight == next_weight or count <= next_count


def test_weights_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="zero"):
        apportion(3, [0, 0])


def test_the_short_exam_weighs_levels_as_the_blueprint_says(edition: Edition) -> None:
    blueprint = blueprint_of(edition, edition.programme("DEMO"))
    counts = cells(edition.exam("E1").sections[0], blueprint)
    assert {level: count for (_, level), count in counts.items()} == {
        Level.RECALL: 3,
        Level.UNDERSTAND: 4,
        Level.APPLY: 2,
        Level.ANALYSE: 1,
    }


def test_rows_without_a_module_in_the_programme_fall_away(edition: Edition) -> None:
    rows = {row.name for row in blueprint_of(edition, edition.programme("IA-U")).topics}
    assert rows == {"法规诚信", "条款", "审核"}


def test_exams_without_rows_weigh_topics_by_class_hours(edition: Edition) -> None:
    rows = blueprint_of(edition, edition.programme("MGR")).topics
    assert {row.name: row.share for row in rows} == {"诚信": 2, "条款": 12, "合规": 2}


@pytest.mark.parametrize("code", ["LEAD", "MGR", "IA-E", "IA-U", "AUD", "TECH", "CE-AUD"])
def test_each_section_of_each_exam_is_filled_to_its_count(edition: Edition, code: str) -> None:
    programme = edition.programme(code)
    blueprint = blueprint_of(edition, programme)
    for section in edition.exam(programme.exam).sections:
        assert sum(cells(section, blueprint).values()) == section.count


def test_a_programme_asks_for_its_class_hours_and_a_demonstration_for_its_worth(
    edition: Edition,
) -> None:
    demo = edition.programme("DEMO")
    assert required_seconds(edition, edition.programme("MGR"), {}) == 16 * 2700
    assert [lesson.code for lesson in lessons_of(edition, demo)] == ["M02-L01"]
    worth = required_seconds(edition, demo, {"M02-L01": 30})
    assert required_seconds(edition, demo, {}) == worth - 30
    assert 0 < worth < 900
