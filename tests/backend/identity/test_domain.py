from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.identity.domain import (
    BadValidity,
    TwoPeopleNeeded,
    check_other_person,
    later_by,
    same_name,
    valid_until,
    validity_rules,
)

RULES = validity_rules("2028-01-01=24, 2026-01-01=36")
MORNING = datetime(2026, 3, 2, 1, tzinfo=UTC)  # nine in Shanghai


def test_nobody_is_the_second_person_to_himself() -> None:
    one, other = uuid4(), uuid4()
    check_other_person(one, other, None)
    with pytest.raises(TwoPeopleNeeded):
        check_other_person(one, other, one)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("王小明", "王 小明", True),
        ("古丽·阿不都", "古丽•阿不都", True),
        ("Maria Lopez", "ＭＡＲＩＡ ＬＯＰＥＺ", True),
        ("王小明", "王晓明", False),
        ("王小明", "", False),
    ],
)
def test_how_a_name_is_typed_makes_no_other_name(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same


def test_an_identity_holds_as_long_as_the_rule_of_its_day_says() -> None:
    ends = valid_until(RULES, verified_at=MORNING, document_expires=None)
    assert ends == datetime(2029, 3, 2, 16, tzinfo=UTC)  # to the end of that day in Shanghai
    later = MORNING.replace(year=2028)
    assert valid_until(RULES, verified_at=later, document_expires=None).year == 2030
    before = MORNING.replace(year=2020)
    assert valid_until(RULES, verified_at=before, document_expires=None).year == 2023


def test_a_document_that_ends_sooner_ends_it() -> None:
    ends = valid_until(RULES, verified_at=MORNING, document_expires=date(2026, 5, 1))
    assert ends == datetime(2026, 5, 1, 16, tzinfo=UTC)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(1, 1200))
def test_months_on_is_the_same_day_or_the_month_s_last(day: date, months: int) -> None:
    later = later_by(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


@pytest.mark.parametrize("text", ["", "36", "2026-01-01", "2026-13-01=36", "2026-01-01=0"])
def test_a_validity_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadValidity):
        validity_rules(text)
