"""Jobs of the area. Each is safe to run twice and to be killed anywhere."""

from datetime import timedelta
from uuid import UUID

from pgqueuer import PgQueuer
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job

from backend.checking.bulk.files import CHECK, check
from infra.queue import WorkerContext, payload_of


def register(queue: PgQueuer, context: WorkerContext) -> None:
    @queue.entrypoint(
        CHECK,
        accepts_context=False,
        executor_factory=lambda parameters: DatabaseRetryEntrypointExecutor(
            parameters, max_attempts=8, max_delay=timedelta(minutes=2)
        ),
    )
    async def check_bulk_file(job: Job) -> None:
        await check(context, UUID(str(payload_of(job.payload)["check_id"])))
