"""Registration numbers, grades, employments."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.certification_bodies import auditing
from backend.certification_bodies.auditing import Employment, GradeGiven
from infra.ids import uuid7

TODAY = date(2026, 3, 2)
BODY = uuid7()
NUMBER = "2021-N1IPMS-1234567"
days = st.dates(date(2020, 1, 1), date(2026, 3, 1))


@pytest.mark.parametrize(
    "typed", [NUMBER, " 2021-n1ipms-1234567 ", "２０２１-N1IPMS-1234567", "2021-N1IPMS - 1234567"]
)
def test_a_number_has_one_form_however_it_is_typed(typed: str) -> None:
    assert auditing.registration_number(typed, on=TODAY) == NUMBER


@pytest.mark.parametrize("typed", ["", "12", "张三", "2021--N1IPMS", "-2021N1IPMS", "A" * 80])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(auditing.RegistrationNumberNotValid):
        auditing.registration_number(typed, on=TODAY)


@given(st.from_regex(r"[0-9A-Z](-?[0-9A-Z]){5,31}", fullmatch=True))
def test_a_masked_number_hides_at_least_half(number: str) -> None:
    shown = auditing.masked_number(number).replace("*", "")
    assert len(shown) <= len(number) / 2


def test_a_masked_number_can_be_compared_with_a_card() -> None:
    assert auditing.masked_number(NUMBER) == "2021****4567"


def test_the_grade_of_a_day_is_the_last_one_given_by_then() -> None:
    given_ = [
        GradeGiven("trainee", date(2020, 1, 1)),
        GradeGiven("senior", date(2023, 1, 1)),
        GradeGiven("auditor", date(2023, 1, 1)),  # entered later: it corrects the line above
    ]
    found = [auditing.grade_on(given_, date(y, 6, 1)) for y in (2019, 2021, 2024)]
    assert found == [None, "trainee", "auditor"]


def test_a_grade_nobody_knows_is_refused_and_so_is_one_from_tomorrow() -> None:
    with pytest.raises(auditing.GradeNotKnown):
        auditing.checked_grade("master", since=TODAY, today=TODAY)
    with pytest.raises(auditing.DayNotRight):
        auditing.checked_grade("senior", since=TODAY + timedelta(days=1), today=TODAY)


@given(st.lists(st.tuples(days, st.none() | st.integers(0, 900)), max_size=12))
def test_nobody_is_ever_employed_twice_on_one_day(wanted: list[tuple[date, int | None]]) -> None:
    kept: list[Employment] = []
    for begins, length in wanted:
        ends = None if length is None else begins + timedelta(days=length)
        try:
            kept.append(
                auditing.checked_employment(kept, Employment(BODY, begins, ends), today=TODAY)
            )
        except auditing.EmployedElsewhere:
            continue
    for day in {e.begins_on for e in kept} | {e.ends_on for e in kept if e.ends_on} | {TODAY}:
        assert sum(e.covers(day) for e in kept) <= 1


def test_the_last_day_lies_between_the_first_and_today() -> None:
    employment = Employment(BODY, date(2026, 2, 1))
    assert auditing.checked_departure(employment, TODAY, today=TODAY) == TODAY
    for wrong in (date(2026, 1, 31), TODAY + timedelta(days=1)):
        with pytest.raises(auditing.DayNotRight):
            auditing.checked_departure(employment, wrong, today=TODAY)
