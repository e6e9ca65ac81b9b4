"""The job that makes an export. Safe to run twice and to be killed anywhere."""

from datetime import timedelta
from uuid import UUID

from pgqueuer import PgQueuer
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job

from backend.privacy.exporting import make
from backend.privacy.service import EXPORT
from infra.queue import WorkerContext, payload_of

_TRIES = 3
_LONGEST_WAIT = timedelta(minutes=2)


def register(queue: PgQueuer, context: WorkerContext) -> None:
    @queue.entrypoint(
        EXPORT,
        accepts_context=False,
        executor_factory=lambda parameters: DatabaseRetryEntrypointExecutor(
            parameters, max_attempts=_TRIES, max_delay=_LONGEST_WAIT
        ),
    )
    async def make_export(job: Job) -> None:
        await make(context, UUID(str(payload_of(job.payload)["export_id"])))
