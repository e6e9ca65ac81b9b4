from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.notices.domain import (
    LATEST,
    TRIES,
    Channel,
    Choice,
    is_over,
    is_quiet,
    next_try,
)

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # in Shanghai


@pytest.mark.parametrize(
    ("utc", "quiet"),
    [
        pytest.param((13, 59), False, id="a minute before ten in the evening"),
        pytest.param((14, 0), True, id="ten in the evening"),
        pytest.param((16, 0), True, id="midnight"),
        pytest.param((23, 59), True, id="a minute before eight in the morning"),
        pytest.param((0, 0), False, id="eight in the morning"),
    ],
)
def test_nothing_leaves_the_inbox_at_night_in_china(utc: tuple[int, int], quiet: bool) -> None:
    assert is_quiet(datetime(2026, 3, 2, *utc, tzinfo=UTC)) is quiet


@given(st.integers(1, TRIES))
def test_each_try_waits_longer_than_the_one_before(tries: int) -> None:
    assert next_try(tries + 1, now=NOON) > next_try(tries, now=NOON) > NOON


def test_a_notice_stays_in_the_inbox_alone_after_its_last_try_or_three_days() -> None:
    assert not is_over(TRIES - 1, NOON, now=NOON)
    assert is_over(TRIES, NOON, now=NOON)
    assert is_over(0, NOON - LATEST - timedelta(seconds=1), now=NOON)


def test_who_chose_nothing_is_told_by_mail() -> None:
    assert Choice.DEFAULT.channels() == [Channel.EMAIL]
    assert Choice(email=False, sms=True).channels() == [Channel.SMS]
