"""A correction of the clock explains its own span of the log, and no back-dating anywhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.records.verdict.clock import CLOCKS_DIFFER, Times
from backend.records.verdict.credential import MOMENT_FORMAT, moment
from backend.records.verdict.leaf import Kind
from backend.records.verdict.refusal import Refused

START, DAY = 1_772_413_200, 86_400


def written(at: int) -> str:
    return moment(START + at).strftime(MOMENT_FORMAT)


def told(*times: int) -> Times:
    found = Times()
    for at in times:
        found.read(Kind.ISSUED, written(at))
    return found


def test_times_that_run_backwards_are_found() -> None:
    assert "entry 2 " in told(0, DAY, 10).problems[0]


def test_a_correction_explains_what_stands_between_the_first_entry_in_doubt_and_itself() -> None:
    times = told(0, DAY, 10)
    times.correct(1, written(20))
    times.read(Kind.ISSUED, written(30))
    assert times.problems == []
    assert "entries 1 to 2 is to be relied on (2 records issued" in times.corrected[0].text


def test_it_explains_nothing_before_its_span_and_nothing_after_it() -> None:
    times = told(DAY, 0, 2 * DAY)
    times.correct(2, written(DAY + 10))
    times.read(Kind.ISSUED, written(0))
    assert [problem.partition(" (")[0] for problem in times.problems] == ["entry 1", "entry 4"]


@pytest.mark.parametrize(
    ("first", "at"),
    [
        pytest.param(1, -10, id="dated before entries that it leaves alone"),
        pytest.param(3, 2 * DAY, id="of entries that come after it"),
    ],
)
def test_one_that_cannot_be_right_is_of_no_effect(first: int, at: int) -> None:
    times = told(0, DAY, 10)
    with pytest.raises(Refused):
        times.correct(first, written(at))
    assert times.corrected == []
    assert len(times.problems) == 1


@given(st.lists(st.integers(0, 3 * DAY), max_size=20))
def test_without_a_correction_whatever_is_older_by_more_than_clocks_differ_is_found(
    moments: list[int],
) -> None:
    late = [n for n, at in enumerate(moments) if at + CLOCKS_DIFFER < max(moments[:n], default=0)]
    assert len(told(*moments).problems) == len(late)
