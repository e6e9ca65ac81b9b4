"""What a phone's hand-ins show to oversight: a day later, once, and never by themselves."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.progress.domain import DAILY_CAP_SECONDS, Signal
from backend.progress.domain import SignalKind as Kind
from backend.progress.offline.signals import look
from backend.progress.offline.tables import DownloadLease, OfflineCheck, OfflineTime
from backend.worker import _note
from infra.clock import ManualClock
from infra.ids import uuid7
from infra.objects import ObjectStore
from tests.backend.progress.learning import Learner
from tests.backend.progress.offline import Phone, pack_files

DAY = timedelta(days=1, seconds=1)


class Notes(list[Signal]):
    async def __call__(self, signal: Signal, *, now: datetime) -> None:
        assert now
        self.append(signal)


async def a_lease(clock: ManualClock, **other: Any) -> DownloadLease:
    row = {"learner_id": uuid7(), "device_id": uuid7(), "unseen_since": clock(), **other}
    lease = DownloadLease(
        id=uuid7(),
        enrolment_id=uuid7(),
        lesson_watch_id=uuid7(),
        lesson_code="M02-L01",
        lecture_id=uuid7(),
        rendition="a" * 64,
        rate_percent=100,
        issued_at=clock(),
        expires_at=clock() + timedelta(days=14),
        counted_from=clock(),
        lost=b"",
        **row,
    )
    await DownloadLease.insert(lease)
    return lease


async def answered(
    lease: DownloadLease, clock: ManualClock, every_ms: int, reaction_ms: int, granted: int = 500
) -> None:
    boot = uuid7()
    for number in range(1, 4):
        await OfflineCheck.insert(
            OfflineCheck(
                id=uuid7(),
                learner_id=lease.learner_id,
                lease_id=lease.id,
                number=number,
                length_seconds=600,
                granted_seconds=granted,
                question={},
                answer="A",
                outcome="passed",
                boot_id=boot,
                answered_ms=number * every_ms,
                reaction_ms=reaction_ms,
                judged_at=clock(),
            )
        )


async def watched(lease: DownloadLease, clock: ManualClock, seconds: int, ago: timedelta) -> None:
    """In one go from then on, handed in now."""
    await OfflineTime.insert(
        OfflineTime(
            id=uuid7(),
            learner_id=lease.learner_id,
            lease_id=lease.id,
            lesson_watch_id=lease.lesson_watch_id,
            started_at=clock() - ago,
            ended_at=clock() - ago + timedelta(seconds=seconds),
            seconds=seconds,
            counted=True,
            synced_at=clock(),
        )
    )


async def kinds(clock: ManualClock, lease: DownloadLease) -> list[Kind]:
    notes = Notes()
    for _ in range(2):
        await look(notes, now=clock() + DAY)
    return [signal.kind for signal in notes if signal.learner_id == lease.learner_id]


@pytest.mark.parametrize(
    ("every_ms", "reaction_ms", "granted", "seen"),
    [
        pytest.param(600_000, 9_000, 500, [], id="somebody who watches"),
        pytest.param(900, 9_000, 500, [Kind.ANSWERS_AT_ONCE], id="all in three seconds"),
        pytest.param(40_000, 9_000, 20, [], id="a short lecture seen thrice"),
        pytest.param(600_000, 1_200, 500, [Kind.QUICK_ANSWERS], id="faster than reading"),
    ],
)
async def test_answers_tell(
    unit: None,
    clock: ManualClock,
    every_ms: int,
    reaction_ms: int,
    granted: int,
    seen: list[Kind],
) -> None:
    lease = await a_lease(clock)
    await answered(lease, clock, every_ms, reaction_ms, granted)
    assert await kinds(clock, lease) == seen


@pytest.mark.parametrize(
    ("hours_ago", "hours", "seen"),
    [
        pytest.param(4, 2, [], id="half of the time"),
        pytest.param(4, 3.95, [Kind.NO_PAUSE], id="all of four hours"),
        pytest.param(1, 1, [], id="an hour's train"),
    ],
)
async def test_time_without_a_pause_tells(
    unit: None, clock: ManualClock, hours_ago: float, hours: float, seen: list[Kind]
) -> None:
    lease = await a_lease(clock)
    await watched(lease, clock, int(hours * 3600), timedelta(hours=hours_ago))
    assert await kinds(clock, lease) == seen


@pytest.mark.parametrize(("days", "seen"), [(4, []), (5, [Kind.FULL_DAYS])])
async def test_days_that_are_all_full_tell(
    unit: None, clock: ManualClock, days: int, seen: list[Kind]
) -> None:
    lease = await a_lease(clock)
    for day in range(days):
        await watched(lease, clock, DAILY_CAP_SECONDS, timedelta(days=day + 1))
    assert await kinds(clock, lease) == seen


async def test_many_devices_of_one_learner_and_many_learners_of_one_device_tell(
    unit: None, clock: ManualClock
) -> None:
    first = await a_lease(clock)
    for _ in range(3):
        await a_lease(clock, learner_id=first.learner_id)
    shared = [await a_lease(clock, device_id=uuid7())]
    shared += [await a_lease(clock, device_id=shared[0].device_id) for _ in range(2)]
    notes = Notes()
    await look(notes, now=clock() + DAY)
    told = {signal.learner_id: signal.kind for signal in notes}
    assert told[first.learner_id] is Kind.MANY_DEVICES
    assert [told[lease.learner_id] for lease in shared] == [Kind.SHARED_DEVICE] * 3


async def test_what_a_phone_hands_in_is_seen_a_day_later_and_noted_with_oversight(
    learner: Learner, object_store: ObjectStore
) -> None:
    await pack_files(object_store)
    await learner.enrol()
    phone = Phone(learner)
    await phone.take_along()
    learner.clock.advance(600)
    await phone.hand_in(phone.watch(0, 20), answered=(await phone.answer(after_ms=100),))
    mine = OfflineCheck.learner_id == learner.person.id
    await OfflineCheck.update({OfflineCheck.granted_seconds: 400}).where(mine)
    rest = [await phone.answer(number, after_ms=100) for number in (2, 3)]
    await phone.hand_in(answered=tuple(rest))
    early, late = Notes(), Notes()
    await look(early, now=learner.clock())
    assert await look(_note, now=learner.clock() + DAY) >= 1
    await look(late, now=learner.clock() + 2 * DAY)
    mine_again = [one for one in (*early, *late) if one.learner_id == learner.person.id]
    assert mine_again == [], "more may come today; and each is told once"
