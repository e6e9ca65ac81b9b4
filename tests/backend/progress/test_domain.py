from datetime import UTC, date, datetime, timedelta

import pytest

from backend.progress.bitmap import Bitmap
from backend.progress.domain import (
    DAILY_CAP_SECONDS,
    Day,
    all_right,
    counting_day,
    resume_second,
    shanghai_day,
)

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
LECTURE = 600


def watched(*spans: tuple[int, int]) -> Bitmap:
    bitmap = Bitmap()
    for start, end in spans:
        bitmap = bitmap.set_range(start, end)
    return bitmap


def test_one_goes_on_at_the_first_gap_and_a_finished_lecture_starts_over() -> None:
    assert resume_second(watched((0, 20), (40, 60)), LECTURE) == 20
    assert resume_second(watched((0, 600)), LECTURE) == 0


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    assert shanghai_day(datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert shanghai_day(datetime(2026, 3, 1, 16, tzinfo=UTC)) == date(2026, 3, 2)


def test_a_new_day_is_empty_and_a_clock_set_back_does_not_open_one_again() -> None:
    full = Day(date=shanghai_day(START), seconds=DAILY_CAP_SECONDS)
    assert full.at(START).left == 0
    assert full.at(START - timedelta(days=3)).left == 0
    assert full.at(START + timedelta(days=1)).left == DAILY_CAP_SECONDS


def test_what_a_missed_check_dropped_may_be_earned_again_on_the_same_day() -> None:
    day = Day(date=MONDAY, seconds=600).plus(100)
    assert (day.given_back().seconds, day.settled().seconds) == (600, 700)
    assert day.settled().given_back().seconds == 700


MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("awarded", "seconds", "days_later"),
    [
        pytest.param({}, 900, 0, id="an empty day takes it"),
        pytest.param({MONDAY: DAILY_CAP_SECONDS - 900}, 900, 0, id="the last place of a day"),
        pytest.param({MONDAY: DAILY_CAP_SECONDS - 899}, 900, 1, id="one second too many"),
        pytest.param(
            {MONDAY: DAILY_CAP_SECONDS, MONDAY + timedelta(days=1): DAILY_CAP_SECONDS},
            900,
            2,
            id="two full days",
        ),
        pytest.param(
            {}, DAILY_CAP_SECONDS + 1, 0, id="what no day could hold is not put off for ever"
        ),
    ],
)
def test_hours_beyond_the_daily_cap_count_on_a_later_day(
    awarded: dict[date, int], seconds: int, days_later: int
) -> None:
    assert counting_day(MONDAY, seconds, awarded) == MONDAY + timedelta(days=days_later)


KEY = {"q1": frozenset("A"), "q2": frozenset("BC")}


@pytest.mark.parametrize(
    ("answers", "right"),
    [
        pytest.param(KEY, True, id="all right"),
        pytest.param({**KEY, "q9": frozenset("A")}, True, id="an unknown question counts nothing"),
        pytest.param({"q1": frozenset("A")}, False, id="one left out"),
        pytest.param({**KEY, "q2": frozenset("B")}, False, id="half of a multiple choice"),
        pytest.param({**KEY, "q2": frozenset("ABC")}, False, id="one pick too many"),
        pytest.param({}, False, id="blank"),
    ],
)
def test_check_questions_are_passed_when_all_are_right(
    answers: dict[str, frozenset[str]], right: bool
) -> None:
    assert all_right(KEY, answers) is right


def test_a_lesson_without_check_questions_is_not_passed_by_answering_none() -> None:
    assert not all_right({}, {})
