"""What the job finds in stored rows, and hands on once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.progress.domain import Signal
from backend.progress.domain import SignalKind as Kind
from backend.progress.signals import look, regularity
from backend.progress.tables import PlaySession
from backend.worker import _note
from infra.clock import ManualClock
from infra.ids import uuid7
from tests.backend.progress.learning import Learner

DAY = timedelta(days=1, seconds=1)


class Notes(list[Signal]):
    async def __call__(self, signal: Signal, *, now: datetime) -> None:
        assert now
        self.append(signal)


async def a_session(clock: ManualClock, **other: Any) -> PlaySession:
    row = {"learner_id": uuid7(), "device_id": None, "credited_seconds": 1200, "beats": 60}
    gaps = {"beat_gap_ms": 59 * 20_000, "beat_gap_square": 59 * 20_100**2, "segments_at": clock()}
    session = PlaySession(
        id=uuid7(),
        lesson_watch_id=uuid7(),
        lecture_id=uuid7(),
        edition="2026.1",
        rate_percent=100,
        started_at=clock(),
        clock_from=clock(),
        **{**row, **gaps, **other},
    )
    await PlaySession.insert(session)
    return session


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        pytest.param({}, None, id="a player, whose timer wavers"),
        pytest.param(
            {"beat_gap_square": 59 * 20_000**2}, Kind.REGULARITY, id="a script that never does"
        ),
        pytest.param({"segments_at": None}, Kind.NO_SEGMENTS, id="nobody fetched a segment list"),
        pytest.param(
            {"segments_at": None, "credited_seconds": 60}, None, id="a minute says nothing"
        ),
    ],
)
async def test_a_session_that_is_over_is_judged_once(
    unit: None, clock: ManualClock, seen: dict[str, Any], kind: Kind | None
) -> None:
    session, notes = await a_session(clock, **seen), Notes()
    await look(notes, now=clock() + timedelta(hours=1))
    assert notes == [], "it may still go on"
    for _ in range(2):
        await look(notes, now=clock() + DAY)
    mine = [signal.kind for signal in notes if signal.learner_id == session.learner_id]
    assert mine == ([kind] if kind else [])


async def test_three_learners_on_one_device_are_seen_and_two_are_a_household(
    unit: None, clock: ManualClock
) -> None:
    flat, office = uuid7(), uuid7()
    for device in (flat, flat, office, office, office):
        await a_session(clock, device_id=device)
    notes = Notes()
    await look(notes, now=clock() + DAY)
    assert [signal.kind for signal in notes] == [Kind.SHARED_DEVICE] * 3


async def test_answers_faster_than_reading_are_noted_with_oversight(learner: Learner) -> None:
    await learner.enrol()
    session = await learner.open()
    for n in range(3):
        await learner.count(check_in_seconds=10)
        learner.clock.advance(10)
        check = (await learner.beat(session, (n * 10, n * 10 + 10)))["presenceCheck"]
        await learner.attend(check)
    assert await look(_note, now=learner.clock() + DAY) == 1


def test_regularity_is_the_spread_of_the_gaps() -> None:
    assert regularity(3, 40, 800) == 0
    assert regularity(3, 40, 10 * 10 + 30 * 30) == 0.5
    assert regularity(1, 0, 0) == 1
