"""kill -9 after each write in turn, of every kind of work that touches the log: nothing is half
done, and doing it again ends it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.records import log, service, status
from backend.records.cosigning import service as cosigning
from backend.records.sequencer import CHECKPOINT, NotLeading, leadership, settle
from backend.records.tables import (
    CompletionRecord,
    LogCosignature,
    LogLeaf,
    LogProof,
    RecordEvent,
    StatusList,
    StatusListVersion,
)
from backend.records.verdict.leaf import Kind
from backend.records.verdict.status_list import PURPOSES
from infra.clock import ManualClock
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from infra.vault import Vault
from tests.backend.records.conftest import Issued, Someone
from tests.backend.records.dying import approving, opening, ordering, refreshing
from tests.backend.records.making import a_hash
from tests.backend.records.test_cosigning import Named
from tests.backend.records.test_refused_writes import assert_shown_is_whole
from tests.killed import Work, killed_at
from tests.waiting import condition

pytestmark = pytest.mark.usefixtures("database")
Kill = Callable[..., Any]


@pytest.fixture
def kill(settings: Settings, tmp_path: Path) -> Kill:
    """`kill(n, work, …)`: what it wrote last, killed after its n-th write; None: it had fewer."""

    def after(write: int, work: Work, *arguments: Any, **named: Any) -> str | None:
        return killed_at(write, tmp_path, settings.database_url, work, *arguments, **named)

    return after


async def nobody_leads(settings: Settings) -> None:
    """PostgreSQL has noticed that who led the log is dead."""

    async def free() -> bool:
        try:
            async with leadership(settings.database_url):
                return True
        except NotLeading:
            return False

    await condition(free)


async def assert_all_is_logged_once(objects: ObjectStore) -> None:
    leaves = await LogLeaf.select(LogLeaf.leaf_index, LogLeaf.kind).order_by(LogLeaf.leaf_index)
    assert [leaf["leaf_index"] for leaf in leaves] == list(range(len(leaves)))
    kinds = [leaf["kind"] for leaf in leaves]
    assert kinds.count(Kind.STATUS.value) == await StatusListVersion.count()
    signed = CompletionRecord.kid != ""  # other tests put rows there that nobody signed
    assert kinds.count(Kind.ISSUED.value) == await CompletionRecord.count().where(signed)
    assert await LogProof.count() == len(leaves)
    newest = await log.latest_checkpoint()
    assert newest is not None
    assert (newest.tree_size, newest.note) == (
        len(leaves),
        (await objects.get_bytes(CHECKPOINT)).decode(),
    )
    await assert_shown_is_whole(objects)


ROUND = [
    *("DELETE FROM log_pending", "COPY log_leaf", "COMMIT", "PUT log/tile/", "PUT log/tile/"),
    *("INSERT INTO log_checkpoint", "COPY log_proof", "COMMIT", "PUT log/checkpoint"),
]


async def test_a_sequencer_killed_after_any_write_of_a_round_shows_nothing_half(
    kill: Kill, issued: Issued, context: WorkerContext, clock: ManualClock
) -> None:
    await issued()
    for write, expected in enumerate(ROUND, start=1):
        assert await log.append_once(Kind.EDITION, at=clock(), sha256=a_hash(f"{write}"), ref="x")
        died = kill(write, ordering, context.settings, clock)
        assert died is not None
        assert died.startswith(expected)
        await assert_shown_is_whole(context.objects)
        await nobody_leads(context.settings)
        await settle(context)
        await assert_all_is_logged_once(context.objects)
    assert kill(len(ROUND) + 1, ordering, context.settings, clock) is None


async def test_lists_are_signed_anew_whole_or_not_at_all(
    kill: Kill, issued: Issued, context: WorkerContext, clock: ManualClock, vault: Vault
) -> None:
    record = await issued()
    clock.advance(status.REFRESH_AFTER.total_seconds() + 1)
    before = await StatusListVersion.count()
    for write, (expected, more) in enumerate(
        [("INSERT INTO log_pending", 0), ("INSERT INTO status_list_version", 0), ("COMMIT", 1)], 1
    ):
        died = kill(write, refreshing, context.settings, clock())
        assert died is not None
        assert died.startswith(expected)
        assert await StatusListVersion.count() == before + more
    await settle(context)
    found = await service.verdict_for_code(record.code, clock(), vault=vault)
    assert found.verdict == "valid"
    await assert_all_is_logged_once(context.objects)


async def test_a_decision_killed_after_any_write_is_made_whole_or_not_at_all(
    kill: Kill,
    issued: Issued,
    someone: Someone,
    context: WorkerContext,
    clock: ManualClock,
    vault: Vault,
) -> None:
    record, one, other = await issued(), await someone(), await someone()
    proposal = await service.propose_revocation(
        vault, record.id, "替考，经查实", proposer_id=one, now=clock()
    )
    found, write = "", 0
    while found is not None and not found.startswith("COMMIT"):
        assert not await RecordEvent.exists().where(
            RecordEvent.record == record.id, RecordEvent.kind == "revoked"
        )
        write += 1
        found = kill(write, approving, context.settings, proposal.id, other, clock())
    await settle(context)
    assert await RecordEvent.count().where(RecordEvent.record == record.id) == 2
    assert (await service.verdict_for_code(record.code, clock(), vault=vault)).verdict == "revoked"
    await assert_all_is_logged_once(context.objects)


async def test_a_list_is_opened_whole_or_not_at_all(
    kill: Kill, issued: Issued, context: WorkerContext, clock: ManualClock
) -> None:
    record = await issued()
    home = await StatusList.objects().get(StatusList.number == record.status_list)
    assert home is not None
    before = await StatusList.count()
    for write, expected, more in (
        (1, "INSERT INTO status_list ", 0),
        (2, "INSERT INTO log_pending", 0),
        (2 * len(PURPOSES) + 1, "INSERT INTO status_list_version", 0),
        (2 * len(PURPOSES) + 2, "COMMIT", 1),
    ):
        died = kill(write, opening, context.settings, record.status_list, clock())
        assert died is not None
        assert died.startswith(expected)
        assert await StatusList.count() == before + more
    versions = StatusListVersion.status_list == before + 1
    assert await StatusListVersion.count().where(versions) == len(PURPOSES)
    await settle(context)
    await assert_all_is_logged_once(context.objects)


async def test_a_cosignature_is_kept_whole_or_not_at_all(
    kill: Kill, issued: Issued, clock: ManualClock
) -> None:
    await issued()
    newest, witness = await log.latest_checkpoint(), Named("killed.example.org")
    assert newest is not None
    await cosigning.add(witness.vkey, now=clock())
    note = witness.under(newest.note, clock())
    kept = LogCosignature.tree_size == newest.tree_size
    assert kill(1, cosigning.take, note, now=clock()).startswith("INSERT INTO log_cosignature")
    assert await LogCosignature.count().where(kept) == 0
    assert kill(2, cosigning.take, note, now=clock()).startswith("COMMIT")
    assert await cosigning.take(note, now=clock()) == [witness.name]
    assert await LogCosignature.count().where(kept) == 1
    await cosigning.remove(witness.name, now=clock())
