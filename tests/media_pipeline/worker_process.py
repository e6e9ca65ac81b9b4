"""`python -m tests.media_pipeline.worker_process`: a worker for media alone, quickly missed.

The real one (backend.worker) is taken for dead after 15 seconds; tests cannot wait that long.
"""

import asyncio
import signal
from datetime import timedelta

import asyncpg
from pgqueuer import PgQueuer

from infra.clock import system_clock
from infra.engine import DB, configure
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import get_settings
from media_pipeline import jobs

HEARTBEAT = timedelta(seconds=2)


async def main() -> None:
    settings = get_settings()
    configure(settings.database_url)
    await DB.start_connection_pool(min_size=1, max_size=4)
    objects = ObjectStore.from_url(settings.objects_url)
    context = WorkerContext(objects=objects, clock=system_clock, settings=settings)
    async with asyncpg.create_pool(settings.database_url, min_size=2, max_size=4) as pool:
        queue = PgQueuer.from_asyncpg_pool(pool)
        jobs.register(queue, context)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, queue.shutdown.set)
        await queue.qm.run(
            dequeue_timeout=timedelta(seconds=0.3),
            batch_size=1,
            max_concurrent_tasks=2,
            heartbeat_timeout=HEARTBEAT,
        )
    await DB.close_connection_pool()


if __name__ == "__main__":
    asyncio.run(main())
