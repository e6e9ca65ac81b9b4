"""The verdict itself: what it must find, it finds."""

from typing import Any
from uuid import UUID

import pytest

from backend.progress.bitmap import Bitmap
from tests.bench.progress_learners import BEAT_SECONDS, LECTURE_SECONDS
from tests.soak.crowd import Reel
from tests.soak.evidence import Evidence, _add
from tests.soak.tally import Tally

NOTHING = Bitmap()


def told(*seconds: int) -> Reel:
    """A viewer of three heartbeats, who was told that those from `seconds` on are durable."""
    reel = Reel()
    for _ in range(3):
        reel.plays_on()
    for start in seconds:
        assert reel.judged(start, "credited")
    return reel


def row(watched: Bitmap, pending: Bitmap = NOTHING, **changes: int) -> dict[str, Any]:
    return {
        "learner_id": UUID(int=1),
        "watched": watched.to_bytes(LECTURE_SECONDS),
        "pending": pending.to_bytes(LECTURE_SECONDS),
        "watched_seconds": watched.seconds,
        "pending_seconds": pending.seconds,
        "granted": (watched | pending).seconds,
        **changes,
    }


def found(reel: Reel, stored: dict[str, Any]) -> Evidence:
    evidence = Evidence()
    _add(evidence, reel, stored)
    return evidence


ALL, FIRST = Bitmap().set_range(0, 60), Bitmap().set_range(0, 20)


def test_a_day_is_clean_when_every_second_is_there_once_counted_or_pending() -> None:
    assert found(told(0, 20, 40), row(FIRST, Bitmap().set_range(20, 60))).clean


@pytest.mark.parametrize(
    ("reel", "stored", "field", "seconds"),
    [
        pytest.param(told(0, 20), row(FIRST), "lost", 20, id="acknowledged and not there"),
        pytest.param(told(0, 20, 40), row(ALL, FIRST), "twice", 20, id="counted and pending"),
        pytest.param(told(0, 20, 40), row(ALL, granted=80), "twice", 20, id="granted again"),
        pytest.param(
            told(0, 20, 40), row(Bitmap().set_range(0, 65)), "unasked", 5, id="never played"
        ),
        pytest.param(told(0, 20), row(ALL), "owed", 20, id="played and never acknowledged"),
        pytest.param(
            told(0, 20, 40), row(ALL, watched_seconds=61), "miscounted", 1, id="a wrong number"
        ),
    ],
)
def test_whatever_is_wrong_is_found_and_ends_in_another_verdict(
    reel: Reel, stored: dict[str, Any], field: str, seconds: int
) -> None:
    evidence = found(reel, stored)
    assert getattr(evidence, field) == seconds
    assert not evidence.clean


def test_what_waits_for_a_presence_check_is_no_fault_and_stays_owed() -> None:
    reel = told(0)
    assert reel.judged(20, "challenge-due")
    assert reel.judged(40, "refused")  # a leap ahead, as long as the one before it waits
    assert not reel.judged(20, "capped")
    assert reel.owed == [20, 40]
    assert reel.acknowledged.seconds == BEAT_SECONDS


def test_a_line_says_how_many_were_answered_and_how_long_they_took() -> None:
    tally = Tally()
    for _ in range(120):
        tally.took("heartbeat", 0.004)
    assert tally.line(60) == "heartbeat 2/s, 4 ms, p99 4 ms"
    assert tally.line(60) == "no answers"
