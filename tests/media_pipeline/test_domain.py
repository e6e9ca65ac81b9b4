from uuid import UUID

import pytest

from media_pipeline.domain import MAX_STARTS, Attempt, Failure, whole_seconds
from media_pipeline.errors import DiskFull, Truncated


def test_pauses_grow_until_the_last_attempt() -> None:
    attempts = [Attempt(UUID(int=1), UUID(int=2), n) for n in range(1, MAX_STARTS + 1)]
    assert [attempt.pause.total_seconds() for attempt in attempts[:-1]] == [10, 30]
    assert [attempt.last for attempt in attempts] == [False, False, True]


@pytest.mark.parametrize(("duration", "seconds"), [(0.4, 1), (1.0, 1), (59.99, 59), (60.0, 60)])
def test_only_whole_seconds_can_be_watched(duration: float, seconds: int) -> None:
    assert whole_seconds(duration) == seconds


def test_a_files_fault_tells_the_author_and_a_machines_fault_the_operator() -> None:
    assert Failure.of(Truncated()).retryable is False
    assert "in full" in Failure.of(Truncated()).en
    last = Failure.of_machine(DiskFull())
    assert (last.code, last.retryable) == ("disk-full", True)
    assert "tried again" not in last.en
