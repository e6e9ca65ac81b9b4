"""Continuing education by dated rules: windows, what carries on, what counts once."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backend.progress.hours.years import CLASS_HOUR_SECONDS, Earned, WindowStanding, standings
from courses import continuing
from courses.continuing import WindowRule
from courses.format import Bilingual, Standard
from tests.courses import current_edition

HOUR = CLASS_HOUR_SECONDS
MODULES = {"CE-AUD": {"M17", "M07"}}
YEARLY = WindowRule(
    name="yearly",
    title=Bilingual(zh="每年", en="Each year"),
    programmes=("CE-AUD",),
    standard=Standard(code="GB/T 29490", edition="2023"),
    since=date(2026, 1, 1),
    years=1,
    class_hours=16,
    carry_class_hours=0,
    confirmed=False,
    source="test",
)
THREE_YEARS = replace(YEARLY, name="three-years", years=3, class_hours=40)


def earned(day: date, hours: float, **changed: Any) -> Earned:
    one = Earned(
        counts_on=day, module="M17", lesson=None, programme=None, edition=None,
        seconds=int(hours * HOUR),
    )  # fmt: skip
    return replace(one, **changed)


def told(found: list[WindowStanding]) -> list[tuple[str, int, float]]:
    """Name, year it begins, class hours missing."""
    return [
        (one.window.rule.name, one.window.since.year, one.missing_seconds / HOUR) for one in found
    ]


def test_the_shipped_rule_agrees_with_the_edition_s_figure() -> None:
    edition_2026 = current_edition()
    (rule,) = continuing.rules()
    figure = edition_2026.figure("continuing-education-class-hours-a-year", rule.since)
    assert (rule.class_hours, rule.years) == (figure, 1)
    assert set(rule.programmes) <= {programme.code for programme in edition_2026.programmes}


def test_several_windows_hold_at_once_and_end_on_their_last_day() -> None:
    hours = [earned(date(2026, 12, 31), 16), earned(date(2027, 1, 1), 10)]
    found = standings([YEARLY, THREE_YEARS], MODULES, hours, today=date(2027, 6, 1))
    assert told(found) == [("yearly", 2026, 0), ("yearly", 2027, 6), ("three-years", 2026, 14)]
    assert [one.window.until for one in found] == [
        date(2026, 12, 31), date(2027, 12, 31), date(2028, 12, 31),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("carry", "missing"),
    [
        pytest.param(0, 16, id="nothing carries"),
        pytest.param(4, 12, id="four hours at most"),
        pytest.param(20, 6, id="all ten that were too many"),
    ],
)
def test_hours_over_the_need_carry_as_far_as_the_rule_says(carry: int, missing: int) -> None:
    rule = replace(YEARLY, carry_class_hours=carry)
    found = standings([rule], MODULES, [earned(date(2026, 5, 1), 26)], today=date(2027, 2, 1))
    assert told(found)[-1] == ("yearly", 2027, missing)


def test_what_was_carried_in_is_not_carried_a_second_time() -> None:
    rule = replace(YEARLY, carry_class_hours=10)
    hours = [earned(date(2026, 5, 1), 26), earned(date(2027, 5, 1), 8)]
    found = standings([rule], MODULES, hours, today=date(2028, 2, 1))
    assert told(found) == [("yearly", 2026, 0), ("yearly", 2027, 0), ("yearly", 2028, 14)]


def test_a_new_figure_holds_from_the_window_that_begins_after_its_day() -> None:
    rules = [YEARLY, replace(YEARLY, since=date(2027, 7, 1), class_hours=20)]
    found = standings(rules, MODULES, [], today=date(2028, 1, 1))
    assert told(found) == [("yearly", 2026, 16), ("yearly", 2027, 16), ("yearly", 2028, 20)]


def test_a_lesson_counts_once_and_only_what_the_programme_names() -> None:
    day = date(2026, 5, 1)
    hours = [
        earned(day, 0.25, lesson="M17-L01", programme="CE-AUD"),
        earned(day, 0.25, lesson="M17-L01", programme="AUD"),
        earned(day, 3, module="M01"),
        earned(day, 2, module="M07"),
        earned(day, 2, module="M07"),
    ]
    (found,) = standings([YEARLY], MODULES, hours, today=day)
    assert found.earned_seconds == int(4.25 * HOUR)


@given(
    st.lists(
        st.builds(
            earned,
            st.dates(date(2026, 1, 1), date(2030, 12, 31)),
            st.integers(1, 12),
        ),
        max_size=12,
    ),
    st.integers(0, 40),
)
def test_no_hour_serves_two_years_and_none_is_missing_that_is_there(
    hours: list[Earned], carry: int
) -> None:
    rule = replace(YEARLY, carry_class_hours=carry)
    found = standings([rule], MODULES, hours, today=date(2030, 12, 31))
    assert sum(one.earned_seconds for one in found) == sum(one.seconds for one in hours)
    for before, one in pairwise(found):
        assert one.carried_seconds == before.carries_on
        assert before.carries_on <= min(before.earned_seconds, carry * HOUR)
        used = before.required_seconds - before.missing_seconds
        assert used + before.carries_on <= before.carried_seconds + before.earned_seconds
