"""A server's clock was wrong: no entry is dated before older ones without a word in public."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from backend.records import service
from backend.records.commands import TIMES_IN_DOUBT, audit_log_command
from backend.records.correcting_clock import NoClockToCorrect, correct_clock
from backend.records.keyring import Keyring
from backend.records.sequencer import ClockBehind, Sequencer, settle
from backend.records.tables import LogCheckpoint, LogLeaf, LogPending
from infra.clock import ManualClock
from infra.objects import StoreFull
from infra.queue import WorkerContext
from tests.backend.records.conftest import Issued, Mirror

DAY, REASON = 86_400, "投诉待查，暂停"
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
    await service.suspend(keyring, first.id, REASON, actor_id=uuid4(), now=clock())
    with pytest.raises(ClockBehind):
        await settle(context)
    doubt = await correct_clock("一台服务器时钟快了一天", now=clock())
    await settle(context)
    clock.advance(2)
    await service.suspend(keyring, second.id, REASON, actor_id=uuid4(), now=clock())
    await settle(context)
    folder = await mirror()
    assert audit_log_command(str(folder), True) == TIMES_IN_DOUBT
    said = json.loads(capsys.readouterr().out)
    assert (said["problems"], said["unknownCorrections"]) == ([], 1)
    assert f"entries {doubt} to " in said["clockCorrections"][0]
    assert "1 records issued" in said["clockCorrections"][0]
    own = [folder / "trust.json", folder / "trust-demonstration.json"]
    assert audit_log_command(str(folder), False, trust=own) == 0
    assert "日志完整 · the log is whole" in capsys.readouterr().out


async def test_an_entry_that_is_dated_ahead_waits_for_its_time(
    unit: None, issued: Issued, keyring: Keyring, context: WorkerContext, clock: ManualClock
) -> None:
    """By a machine whose clock is wrong, while that which orders the log has the right one."""
    record, actor = await issued(), uuid4()
    ahead = clock() + timedelta(hours=3)
    await service.suspend(keyring, record.id, REASON, actor_id=actor, now=ahead)
    await settle(context)
    assert await LogPending.count() >= 1
    clock.advance(3 * 3_600)
    await settle(context)
    assert await LogPending.count() == 0


async def test_what_is_dated_far_ahead_takes_its_place_before_a_correction(
    unit: None, issued: Issued, keyring: Keyring, context: WorkerContext, clock: ManualClock
) -> None:
    one, other = await issued(), await issued()
    year = clock() + timedelta(days=365)
    await service.suspend(keyring, one.id, REASON, actor_id=uuid4(), now=year)
    await settle(context)
    first = await correct_clock("一台服务器时钟快了一年", now=clock())
    await service.suspend(keyring, other.id, REASON, actor_id=uuid4(), now=clock())
    await settle(context)
    assert await LogPending.count() == 0
    placed = (
        await LogLeaf.select(LogLeaf.kind)
        .where(LogLeaf.leaf_index >= first)
        .order_by(LogLeaf.leaf_index)
    )
    kinds = [row["kind"] for row in placed]
    at = kinds.index("clock.corrected")
    assert "record.suspended" in kinds[:at]
    assert "record.suspended" in kinds[at:]


async def test_a_correction_holds_where_the_round_that_placed_it_was_cut_off(
    unit: None,
    issued: Issued,
    keyring: Keyring,
    context: WorkerContext,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between its place and a checkpoint, as when the store is full."""

    async def full(*_: object, **__: object) -> None:
        raise StoreFull("the store is full")

    clock.advance(DAY)
    await issued()
    clock.advance(-DAY)
    await correct_clock("一台服务器时钟快了一天", now=clock())
    with monkeypatch.context() as patched:
        patched.setattr(Sequencer, "_write_tiles", full)
        with pytest.raises(StoreFull):
            await settle(context)
    await settle(context)
    last = await LogCheckpoint.objects().order_by(LogCheckpoint.tree_size, ascending=False).first()
    assert last is not None
    assert (last.tree_size, last.signed_at) == (await LogLeaf.count(), clock())


async def test_a_clock_that_was_right_is_not_corrected(
    unit: None, issued: Issued, clock: ManualClock
) -> None:
    await issued()
    with pytest.raises(NoClockToCorrect):
        await correct_clock("时钟并没有问题", now=clock())
