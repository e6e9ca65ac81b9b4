"""The worker: takes jobs from the queue, and keeps the public log's sequence beside them.

It may be killed at any moment. A job it held is taken again by another worker, or by its own
successor, once its heartbeat is `_HEARTBEAT` old; so every job is safe to run twice.
"""

import asyncio
import signal
from datetime import timedelta

import asyncpg
import structlog
from pgqueuer import PgQueuer

import backend.records.jobs
import backend.records.sequencer
import media_pipeline.jobs
from backend.logs import configure_logs
from infra.clock import system_clock
from infra.engine import DB, configure
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings

_HEARTBEAT = timedelta(seconds=15)
_POLL = timedelta(seconds=5)  # a job whose worker died sends no notice: somebody has to look
_RECORDS_AT_ONCE = 4

_log = structlog.get_logger(__name__)


async def work(settings: Settings) -> None:
    """Until SIGTERM or SIGINT; jobs that are running are finished first."""
    configure_logs()
    configure(settings.database_url)
    await DB.start_connection_pool(min_size=1, max_size=settings.pool_size)
    context = WorkerContext(
        objects=ObjectStore.from_url(settings.objects_url, settings.objects_public_url),
        clock=system_clock,
        settings=settings,
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await run_worker(context, stop)
    finally:
        await DB.close_connection_pool()


async def run_worker(context: WorkerContext, stop: asyncio.Event) -> None:
    """Work in this event loop, on Piccolo's open pool, until `stop` is set and jobs are done.

    Encoding and issuing have a queue manager each, so that a record never waits for a video.
    """
    encoders = max(2, context.settings.work_concurrency)  # PgQueuer's least
    async with asyncpg.create_pool(context.settings.database_url, min_size=2, max_size=8) as pool:
        media, records = PgQueuer.from_asyncpg_pool(pool), PgQueuer.from_asyncpg_pool(pool)
        media_pipeline.jobs.register(media, context)
        backend.records.jobs.register(records, context)
        async with asyncio.TaskGroup() as group:
            group.create_task(_run(media, encoders))
            group.create_task(_run(records, _RECORDS_AT_ONCE))
            group.create_task(backend.records.sequencer.run(context, stop))
            _log.info("worker ready")
            await stop.wait()
            media.shutdown.set()
            records.shutdown.set()
    _log.info("worker stopped")


async def _run(queue: PgQueuer, at_once: int) -> None:
    """Without PgQueuer's scheduler, which would ask the database every second for nothing."""
    await queue.qm.run(
        dequeue_timeout=_POLL,
        batch_size=max(1, at_once // 2),
        max_concurrent_tasks=at_once,
        heartbeat_timeout=_HEARTBEAT,
        # PgQueuer 1.6 sends its first probe before it listens, and may wait for it in vain: that
        # must not end a worker. A listener that is truly lost costs `_POLL`, no more.
        shutdown_on_listener_failure=False,
    )
