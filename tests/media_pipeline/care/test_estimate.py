"""What is left to wait: honest where nothing is known, and calm where something is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.care.estimate import (
    PREPARED,
    TaskProgress,
    overall_percent,
    remaining_seconds,
    rounded,
)
from media_pipeline.domain import State

BEGUN = datetime(2026, 3, 2, tzinfo=UTC)


def left(
    passed: float,
    percent: int,
    *,
    state: State = State.PROCESSING,
    waiting: bool = False,
    tasks: TaskProgress | None = None,
) -> int | None:
    return remaining_seconds(
        state=state,
        waiting=waiting,
        percent=percent,
        begun_at=BEGUN,
        tasks=tasks,
        now=BEGUN + timedelta(seconds=passed),
    )


@given(st.integers(60, 40_000), st.floats(0.05, 0.99))
def test_at_an_even_pace_the_estimate_is_near_and_at_most_a_minute_too_long(
    whole: int, share: float
) -> None:
    """As far as a whole number of percent can tell."""
    passed, true = whole * share, whole * (1 - share)
    found = left(passed, int(100 * share))
    blur = whole * share * 0.0051 / (share - 0.0051) ** 2
    assert found is None or true - blur <= found <= true + blur + 60


@given(st.integers(0, 100), st.floats(0, 10**6))
def test_an_estimate_is_never_nothing_and_never_precise(percent: int, passed: float) -> None:
    found = left(passed, percent)
    assert found is None or (found >= 5 and found % 5 == 0)


@given(st.floats(0, 10**6), st.floats(0, 10**6))
def test_longer_is_never_shown_as_shorter(one: float, other: float) -> None:
    shorter, longer = sorted((one, other))
    assert rounded(shorter) <= rounded(longer)


@pytest.mark.parametrize("state", [state for state in State if state is not State.PROCESSING])
def test_nothing_is_promised_to_what_is_not_worked_on(state: State) -> None:
    assert left(100, 50, state=state) is None


def test_nothing_is_promised_before_there_is_a_basis_or_while_work_stands_still() -> None:
    assert left(3, 50) is None
    assert left(100, 0) is None
    assert left(100, 50, waiting=True) is None
    assert left(100, 50) is not None


def test_tasks_count_from_when_they_began() -> None:
    """Half done 100 s after the first one began, however long the preparation took."""
    tasks = TaskProgress(4, 2, 0.5, BEGUN + timedelta(seconds=900))
    assert left(1000, PREPARED, tasks=tasks) == 120
    waiting = TaskProgress(4, 0, 0.0, None)
    assert left(1000, PREPARED, tasks=waiting) is None


@given(st.integers(0, 100), st.floats(0, 1), st.floats(0, 1))
def test_percent_of_tasks_grows_with_them(percent: int, one: float, other: float) -> None:
    less, more = sorted((one, other))
    found = [overall_percent(percent, TaskProgress(3, 0, share, BEGUN)) for share in (less, more)]
    assert percent <= found[0] <= found[1] <= 100
    assert overall_percent(percent, None) == percent
