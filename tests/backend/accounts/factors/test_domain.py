"""The rules: freshness, what was typed, how long a wrong code makes one wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.factors.domain import (
    FRESH,
    LONGEST_WAIT,
    WRONG_FORGOTTEN_AFTER,
    Missing,
    Standing,
    WrongCodes,
    missing,
    recovery_code,
    shown_recovery_code,
    steps_about,
    typed_code,
)

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
AGES = st.timedeltas(timedelta(), timedelta(days=30))


@given(AGES, st.none() | AGES, st.booleans())
def test_keys_change_only_after_a_recent_proof_of_the_strongest_kind_there_is(
    signed_in: timedelta, shown: timedelta | None, enrolled: bool
) -> None:
    shown_at = None if shown is None else NOW - shown
    found = missing(Standing(NOW - signed_in, shown_at, enrolled), now=NOW)
    if enrolled:
        assert (found is Missing.NOTHING) == (shown is not None and shown < FRESH)
    else:
        assert (found is Missing.NOTHING) == (signed_in < FRESH)


@given(st.binary(min_size=10, max_size=10))
def test_a_recovery_code_survives_being_copied_by_hand(random: bytes) -> None:
    shown = shown_recovery_code(random)
    plain = shown.replace("-", "")
    assert recovery_code(typed_code(f" {shown.lower()} ")) == plain
    mistaken = plain.replace("0", "o").replace("1", "l")
    assert recovery_code(typed_code(mistaken)) == plain


@pytest.mark.parametrize("typed", ["", "123456", "ABCDE", "ABCDE-FGHJU", "ABCDE-FGHJK-M", "❤" * 10])
def test_what_cannot_be_a_recovery_code_is_none(typed: str) -> None:
    assert recovery_code(typed_code(typed)) is None


@given(st.integers(0, 2**32))
def test_three_codes_are_right_at_any_moment_the_present_one_first(second: int) -> None:
    steps = steps_about(datetime.fromtimestamp(second, UTC))
    assert steps[0] == second // 30
    assert sorted(steps) == [steps[0] - 1, steps[0], steps[0] + 1]


@given(st.integers(0, 1000), st.integers(0, 20), AGES)
def test_the_wait_never_exceeds_its_bound_and_is_forgotten(
    wrong: int, free: int, ago: timedelta
) -> None:
    wait = WrongCodes(wrong, NOW - ago).wait(free, now=NOW)
    assert 0 <= wait <= LONGEST_WAIT.total_seconds()
    if wrong < free or ago >= min(LONGEST_WAIT, WRONG_FORGOTTEN_AFTER):
        assert wait == 0


@given(st.integers(5, 999))
def test_one_more_wrong_code_never_shortens_the_wait(wrong: int) -> None:
    waits = [WrongCodes(n, NOW).wait(5, now=NOW) for n in (wrong, wrong + 1)]
    assert waits == sorted(waits)
