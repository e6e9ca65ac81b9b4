"""The job that makes a due record. Safe to run twice and to be killed anywhere."""

from datetime import timedelta
from uuid import UUID

from pgqueuer import PgQueuer
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job

from backend.records.issuing import issue
from backend.records.service import ISSUE
from infra.queue import WorkerContext, payload_of

_TRIES = 8
_LONGEST_WAIT = timedelta(minutes=2)


def register(queue: PgQueuer, context: WorkerContext) -> None:
    @queue.entrypoint(
        ISSUE,
        accepts_context=False,
        executor_factory=lambda parameters: DatabaseRetryEntrypointExecutor(
            parameters, max_attempts=_TRIES, max_delay=_LONGEST_WAIT
        ),
    )
    async def make_record(job: Job) -> None:
        await issue(context, UUID(str(payload_of(job.payload)["due_id"])))
