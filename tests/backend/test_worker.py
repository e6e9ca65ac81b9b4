import asyncio
from uuid import UUID

import pytest
from pgqueuer import PgQueuer
from pgqueuer.models import Job

import backend.records.jobs
from backend.worker import run_worker
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.queue import WorkerContext, enqueue, payload_of
from infra.settings import Settings


async def test_a_worker_takes_what_a_transaction_enqueued_and_finishes_it_before_it_stops(
    database: None,
    settings: Settings,
    object_store: ObjectStore,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started, finished, stop = asyncio.Event(), list[UUID](), asyncio.Event()
    register = backend.records.jobs.register

    def with_ours(queue: PgQueuer, context: WorkerContext) -> None:
        register(queue, context)

        @queue.entrypoint("test.slow")
        async def slow(job: Job) -> None:
            started.set()
            await stop.wait()
            finished.append(UUID(str(payload_of(job.payload)["id"])))

    monkeypatch.setattr(backend.records.jobs, "register", with_ours)
    wanted = uuid7()
    context = WorkerContext(objects=object_store, clock=clock, settings=settings)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(run_worker(context, stop))
        async with UnitOfWork(DB):
            await enqueue("test.slow", {"id": str(wanted)})
        await started.wait()
        stop.set()
    assert finished == [wanted]
