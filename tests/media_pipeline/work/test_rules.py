"""Who goes first, what a fault means, how much fits: rules without I/O."""

import errno
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import DomainError
from infra.objects import NoSuchObject, StoreFull, StoreUnreachable
from infra.outage import DatabaseAway
from infra.settings import Settings
from media_pipeline.domain import PATIENCE, priority
from media_pipeline.errors import DiskFull, MachineFault, TimedOut, Truncated
from media_pipeline.work.domain import InTheMaking, innermost, join_of, lack_of
from media_pipeline.work.room import SPARE_BYTES, at_once, check_room

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LONG, SHORT = 3 * 3600.0, 3 * 60.0
GIB = 1 << 30
moments = st.datetimes(
    datetime(2026, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001
)  # fmt: skip
lengths = st.floats(0, 6 * 3600)


def test_a_short_lecture_passes_a_long_one_that_came_an_hour_before() -> None:
    assert priority(NOON + HOUR, SHORT) > priority(NOON, LONG)


def test_a_long_lecture_does_not_wait_for_ever() -> None:
    waited_enough = NOON + PATIENCE * timedelta(seconds=LONG)
    assert priority(NOON, LONG) > priority(waited_enough, SHORT)


@given(at=moments, seconds=lengths, later=st.integers(1, 10**6))
def test_of_equal_lectures_the_earlier_one_goes_first(
    at: datetime, seconds: float, later: int
) -> None:
    assert priority(at, seconds) > priority(at + timedelta(seconds=later), seconds)


@given(at=moments, seconds=lengths)
def test_a_priority_fits_the_queue_s_column(at: datetime, seconds: float) -> None:
    assert abs(priority(at, seconds)) < 2**31


LACKS: list[tuple[BaseException, type[DomainError] | None]] = [
    (DiskFull(), DiskFull),
    (OSError(errno.ENOSPC, "no room"), DiskFull),
    (StoreFull(), StoreFull),
    (StoreUnreachable(), StoreUnreachable),
    (InTheMaking(), InTheMaking),
    (ConnectionRefusedError(), DatabaseAway),
    (asyncpg.CannotConnectNowError(), DatabaseAway),
    (asyncpg.ConnectionDoesNotExistError(), DatabaseAway),
    (FileNotFoundError(errno.ENOENT, "no file"), None),
    (PermissionError(errno.EACCES, "not allowed"), None),
    (asyncpg.UniqueViolationError(), None),
    (TimedOut(), None),
    (MachineFault(), None),
    (NoSuchObject(), None),
    (Truncated(), None),
]


@pytest.mark.parametrize(("error", "lack"), LACKS, ids=[type(error).__name__ for error, _ in LACKS])
def test_what_passes_by_itself_is_told_from_what_counts(
    error: BaseException, lack: type[DomainError] | None
) -> None:
    bundle = BaseExceptionGroup("a task group's", [BaseExceptionGroup("another's", [error])])
    found = lack_of(innermost(bundle))
    assert (type(found) if found else None) is lack


def test_the_join_weighs_a_share_of_its_parts() -> None:
    assert (join_of([600, 600, 120]).weight, join_of([1]).weight) == (66, 1)


@pytest.mark.parametrize(
    ("memory", "wanted", "fitting"),
    [(16 * GIB, 2, 2), (16 * GIB, 64, 6), (3 * GIB, 2, 1), (GIB, 2, 1)],
    ids=["as many as set", "as many as fit", "one where two do not", "one at least"],
)
def test_encoders_at_once(memory: int, wanted: int, fitting: int) -> None:
    settings = Settings(work_concurrency=wanted, encode_memory_mb=2048)
    assert at_once(settings, memory) == fitting


def test_room_is_asked_for_where_a_folder_will_be(tmp_path: Path) -> None:
    check_room(tmp_path / "not" / "yet", 0)
    with pytest.raises(DiskFull):
        check_room(tmp_path / "not" / "yet", (1 << 60) - SPARE_BYTES)
