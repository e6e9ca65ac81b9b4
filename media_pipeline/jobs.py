"""The jobs of the media queue, and how one ends with its worker.

A job that fails at its own book-keeping, or whose worker is told to stop, is never lost: it goes
back into the queue, and `work.requeue` finds those that the queue itself lost.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import structlog
from pgqueuer import PgQueuer
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job

from infra.database import UnitOfWork
from infra.engine import DB
from infra.outage import AWAY
from infra.queue import WorkerContext, enqueue, payload_of
from media_pipeline.domain import PROCESS, TASK
from media_pipeline.work.lecture import make_lecture
from media_pipeline.work.task import do_task
from media_pipeline.work.workshop import Workshop

BOOKKEEPING_PAUSE = timedelta(seconds=10)
_log = structlog.get_logger(__name__)


def register(queue: PgQueuer, context: WorkerContext) -> Workshop:
    """Close what it returns when the queue has stopped."""
    shop = Workshop(context)

    @queue.entrypoint(PROCESS, accepts_context=False)
    async def process(job: Job) -> None:
        await run_unless_stopped(queue.shutdown, shop, job)

    @queue.entrypoint(TASK, accepts_context=False)
    async def task(job: Job) -> None:
        await run_unless_stopped(queue.shutdown, shop, job)

    return shop


async def run(shop: Workshop, job: Job) -> None:
    ids = payload_of(job.payload)
    try:
        if job.entrypoint == TASK:
            await do_task(shop, UUID(str(ids["task_id"])), priority=job.priority)
        else:
            await make_lecture(shop, UUID(str(ids["lecture_id"])), queued_at=job.created)
    finally:
        with suppress(*AWAY):
            await shop.sources.sweep()


async def process_lecture(context: WorkerContext, lecture_id: UUID) -> None:
    """One lecture's first job, here and now, without the queue."""
    shop = Workshop(context)
    try:
        await make_lecture(shop, lecture_id, queued_at=context.clock())
    finally:
        shop.close()


async def run_unless_stopped(stop: asyncio.Event, shop: Workshop, job: Job) -> None:
    """A worker that is told to stop hands its job back at once instead of finishing it."""
    running = asyncio.create_task(run(shop, job))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        await _cancelled(running)
        # The queue forgets a job whose task is cancelled: a new one takes its place.
        await asyncio.shield(_enqueue_again(job))
        raise
    finally:
        stopping.cancel()
    if not running.done():
        await _cancelled(running)
        raise RetryRequested(timedelta(0), "the worker stops")
    await _unless_lost(running, job)


async def _unless_lost(running: Awaitable[None], job: Job) -> None:
    try:
        await running
    except RetryRequested:
        raise
    except Exception as error:
        # Not the work failed but its book-keeping: the queue would drop the job for good.
        _log.exception("job failed", payload=payload_of(job.payload))
        raise RetryRequested(BOOKKEEPING_PAUSE, str(error)) from error


async def _enqueue_again(job: Job) -> None:
    async with UnitOfWork(DB):
        await enqueue(job.entrypoint, payload_of(job.payload), priority=job.priority)


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait({task})
