"""`python -m tests.media_pipeline.worker_process`: a worker for media alone, quickly missed.

The real one (backend.worker) is taken for dead after 15 seconds, and looks again after 30 for what
its machine lacked; tests cannot wait that long.
"""

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path

import asyncpg

from infra.clock import system_clock
from infra.engine import DB, configure
from infra.lasting import lasting_queue
from infra.objects import ObjectStore
from infra.outage import watch_line
from infra.queue import WorkerContext
from infra.settings import get_settings
from media_pipeline import jobs
from media_pipeline.work.room import at_once
from tests.waiting import condition

MISSED_AFTER = "WORKER_MISSED_AFTER"
"""Seconds after which it counts as dead; more where nobody dies and the machine may be busy."""
HEARTBEAT = timedelta(seconds=float(os.environ.get(MISSED_AFTER, "2")))
LACK_PAUSE = timedelta(seconds=1)
GATE = "WORKER_GATE"
"""A file: the worker begins when that appears; it says by one beside it that it is ready."""


async def main() -> None:
    await _gate_opens()
    settings = get_settings()
    configure(settings.database_url, idle_in_transaction_seconds=HEARTBEAT.total_seconds())
    await DB.start_connection_pool(min_size=1, max_size=4, init=watch_line)
    objects = ObjectStore.from_url(settings.objects_url)
    context = WorkerContext(
        objects=objects, clock=system_clock, settings=settings, lack_pause=LACK_PAUSE
    )
    url = settings.database_url
    async with asyncpg.create_pool(url, min_size=2, max_size=4, init=watch_line) as pool:
        queue = lasting_queue(pool, at_once=at_once(settings))
        shop = jobs.register(queue, context)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, queue.shutdown.set)
        await queue.qm.run(
            dequeue_timeout=timedelta(seconds=0.3),
            batch_size=1,
            max_concurrent_tasks=max(2, at_once(settings)),
            heartbeat_timeout=HEARTBEAT,
        )
        shop.close()
    await DB.close_connection_pool()


async def _gate_opens() -> None:
    if gate := os.environ.get(GATE):
        await asyncio.to_thread(Path(f"{gate}.{os.getpid()}").touch)
        await condition(Path(gate).exists, seconds=600)


if __name__ == "__main__":
    asyncio.run(main())
