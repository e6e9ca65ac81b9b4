"""Sums of hours: never below zero, never over a day's limit, whatever order entries come in."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.progress.domain import DAILY_CAP_SECONDS, counting_day
from backend.progress.hours.domain import (
    Balances,
    DayIsFull,
    HoursNotThere,
    Line,
    MoreThanAwarded,
    balances,
    check_correction,
    check_entry,
)

MONDAY = date(2026, 3, 2)
lines = st.lists(
    st.builds(
        Line,
        counts_on=st.integers(0, 2).map(lambda n: MONDAY + timedelta(days=n)),
        seconds=st.integers(-9000, 9000).filter(bool),
        programme=st.sampled_from(["MGR", "IA-E", None]),
    ),
    max_size=25,
)


def entered(wanted: list[Line]) -> list[Line]:
    """Those that are taken, one after the other."""
    taken: list[Line] = []
    for line in wanted:
        try:
            check_entry(line, balances(taken))
        except (HoursNotThere, DayIsFull):
            continue
        taken.append(line)
    return taken


@given(lines)
def test_no_sum_is_ever_below_zero_and_no_day_over_its_limit(wanted: list[Line]) -> None:
    taken: list[Line] = []
    for line in entered(wanted):
        taken.append(line)
        sums = balances(taken)
        assert all(0 <= seconds <= DAILY_CAP_SECONDS for seconds in sums.by_day.values())
        assert all(seconds >= 0 for seconds in sums.by_programme.values())


@given(lines, st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter_for_the_balance(
    wanted: list[Line], chance: Random
) -> None:
    shuffled = list(wanted)
    chance.shuffle(shuffled)
    assert balances(shuffled) == balances(wanted)


@given(st.lists(st.integers(1, 900), max_size=60), st.integers(0, DAILY_CAP_SECONDS))
def test_lessons_and_a_class_together_never_pass_a_day_s_limit(
    lessons: list[int], in_class: int
) -> None:
    taken = [Line(counts_on=MONDAY, seconds=in_class)] if in_class else []
    for seconds in lessons:
        day = counting_day(MONDAY, seconds, balances(taken).by_day)
        taken.append(Line(counts_on=day, seconds=seconds, programme="MGR"))
    sums = balances(taken)
    assert all(seconds <= DAILY_CAP_SECONDS for seconds in sums.by_day.values())
    assert sum(sums.by_day.values()) == in_class + sum(lessons), "nothing is lost to the limit"


@given(st.integers(1, 900), st.lists(st.integers(-900, 900).filter(bool), max_size=12))
def test_corrections_leave_between_nothing_and_what_was_awarded(
    awarded: int, wanted: list[int]
) -> None:
    corrected = 0
    for seconds in wanted:
        try:
            check_correction(seconds, awarded=awarded, corrected=corrected)
        except (HoursNotThere, MoreThanAwarded):
            continue
        corrected += seconds
        assert 0 <= awarded + corrected <= awarded


def test_what_is_too_much_is_told_apart_from_what_is_not_there() -> None:
    full = Balances(by_day={MONDAY: DAILY_CAP_SECONDS}, by_programme={"MGR": DAILY_CAP_SECONDS})
    assert (full.room(MONDAY), full.room(MONDAY + timedelta(days=1))) == (0, DAILY_CAP_SECONDS)
    with pytest.raises(DayIsFull):
        check_entry(Line(counts_on=MONDAY, seconds=1), full)
    with pytest.raises(HoursNotThere):
        check_entry(Line(counts_on=MONDAY, seconds=-1, programme="IA-E"), full)
