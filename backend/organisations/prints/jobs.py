"""The job of this part. Safe to run twice and to be killed anywhere."""

from datetime import timedelta
from uuid import UUID

from pgqueuer import PgQueuer
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job

from backend.organisations.prints.making import make
from backend.organisations.prints.service import PRINT
from infra.queue import WorkerContext, payload_of


def register(queue: PgQueuer, context: WorkerContext) -> None:
    @queue.entrypoint(
        PRINT,
        accepts_context=False,
        executor_factory=lambda parameters: DatabaseRetryEntrypointExecutor(
            parameters, max_attempts=8, max_delay=timedelta(minutes=2)
        ),
    )
    async def print_records(job: Job) -> None:
        await make(context, UUID(str(payload_of(job.payload)["batch_id"])))
