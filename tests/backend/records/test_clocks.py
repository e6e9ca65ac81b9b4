"""A server's clock was wrong: no entry is dated before older ones without a word in public."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from backend.records import service
from backend.records.commands import audit_log_command
from backend.records.correcting_clock import NoClockToCorrect, correct_clock
from backend.records.keyring import Keyring
from backend.records.sequencer import ClockBehind, settle
from backend.records.tables import LogPending
from infra.clock import ManualClock
from infra.queue import WorkerContext
from tests.backend.records.conftest import Issued, Mirror

DAY = 86_400
Capture = pytest.CaptureFixture[str]


async def test_a_log_whose_clock_was_a_day_ahead_goes_on_once_that_is_said_in_public(
    issued: Issued,
    mirror: Mirror,
    keyring: Keyring,
    context: WorkerContext,
    clock: ManualClock,
    capsys: Capture,
) -> None:
    first = await issued()
    clock.advance(DAY)
    second = await issued()
    clock.advance(-DAY)
    await service.suspend(keyring, first.id, "投诉待查，暂停", actor_id=uuid4(), now=clock())
    with pytest.raises(ClockBehind):
        await settle(context)
    doubt = await correct_clock("一台服务器时钟快了一天", now=clock())
    await settle(context)
    clock.advance(2)
    await service.suspend(keyring, second.id, "投诉待查，暂停", actor_id=uuid4(), now=clock())
    await settle(context)
    assert audit_log_command(str(await mirror()), True) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["problems"] == []
    assert f"entries {doubt.start} to " in said["clockCorrections"][0]
    assert "1 records issued" in said["clockCorrections"][0]


async def test_an_entry_that_is_dated_ahead_waits_for_its_time(
    unit: None, issued: Issued, keyring: Keyring, context: WorkerContext, clock: ManualClock
) -> None:
    """By a machine whose clock is wrong, while that which orders the log has the right one."""
    record, actor = await issued(), uuid4()
    ahead = clock() + timedelta(hours=3)
    await service.suspend(keyring, record.id, "投诉待查，暂停", actor_id=actor, now=ahead)
    await settle(context)
    assert await LogPending.count() >= 1
    clock.advance(3 * 3_600)
    await settle(context)
    assert await LogPending.count() == 0


async def test_a_clock_that_was_right_is_not_corrected(
    unit: None, issued: Issued, clock: ManualClock
) -> None:
    await issued()
    with pytest.raises(NoClockToCorrect):
        await correct_clock("时钟并没有问题", now=clock())
