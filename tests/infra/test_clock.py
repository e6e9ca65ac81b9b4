from datetime import timedelta

import pytest

from infra.clock import ShiftedClock, system_clock


def behind(clock: ShiftedClock) -> float:
    """Seconds, rounded: the two clocks are read one after the other."""
    return round((system_clock() - clock()).total_seconds())


def test_a_shifted_clock_catches_up_by_what_it_is_told_to_skip() -> None:
    clock = ShiftedClock(behind=timedelta(seconds=120))
    clock.advance(45)
    assert behind(clock) == 75
    clock.catch_up()
    assert behind(clock) == 0


def test_a_shifted_clock_never_runs_ahead_of_the_machines() -> None:
    clock = ShiftedClock(behind=timedelta(seconds=120))
    clock.advance(120)
    with pytest.raises(ValueError, match="ahead of the machine"):
        clock.advance(1)
    assert clock() <= system_clock()
