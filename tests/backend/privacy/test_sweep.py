"""What a worker does by itself: exports from the queue, and the hourly round."""

import asyncio
from datetime import timedelta

from backend.accounts.privacy_facts import is_erased
from backend.privacy import repository, service, sweep
from backend.privacy.domain import ExportState, folder_of
from backend.worker import run_worker
from infra.alone import alone
from infra.clock import ManualClock
from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.vault import Vault
from tests.backend.privacy.test_erasing import person, wished
from tests.waiting import condition


async def test_a_worker_makes_an_export_that_was_asked_for(
    database: None,
    context: WorkerContext,
    object_store: ObjectStore,
    clock: ManualClock,
    vault: Vault,
) -> None:
    me, stop = await person(vault, clock, f"{uuid7().hex}@example.org"), asyncio.Event()
    export = await service.ask_for_export(me, now=clock())

    async def ready() -> bool:
        return (await service.exports_of(me))[0].state is ExportState.READY

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(run_worker(context, stop))
        await condition(ready, seconds=50)
        stop.set()
    assert len(await object_store.list_names(folder_of(export.id))) == 1


async def test_a_round_carries_out_what_is_due_and_queues_what_was_lost_one_worker_at_a_time(
    database: None, context: WorkerContext, clock: ManualClock, vault: Vault
) -> None:
    me, other = [await person(vault, clock, f"{uuid7().hex}@example.org") for _ in range(2)]
    await wished(me, clock)
    lost = await repository.add_export(other, now=clock() - timedelta(hours=2))
    assert lost in await repository.lost_exports(before=clock() - timedelta(hours=1))
    async with alone(context.settings.database_url, sweep._LOCK) as leading:
        assert leading
        assert (await sweep.sweep_once(context)).busy
    swept = await sweep.sweep_once(context)
    assert (swept.erased >= 1, swept.requeued_exports >= 1) == (True, True)
    assert await is_erased(me)
    assert not await is_erased(other)
