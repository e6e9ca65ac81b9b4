"""Jobs of the area. Each is safe to run twice and to be killed anywhere."""

from datetime import timedelta
from uuid import UUID

from pgqueuer import PgQueuer
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job

from backend.organisations.imports.applying import apply
from backend.organisations.imports.checking import check
from backend.organisations.imports.service import APPLY, CHECK
from infra.queue import WorkerContext, payload_of

_TRIES = 8
_LONGEST_WAIT = timedelta(minutes=2)


def register(queue: PgQueuer, context: WorkerContext) -> None:
    @queue.entrypoint(
        CHECK,
        accepts_context=False,
        executor_factory=lambda parameters: DatabaseRetryEntrypointExecutor(
            parameters, max_attempts=_TRIES, max_delay=_LONGEST_WAIT
        ),
    )
    async def check_import(job: Job) -> None:
        await check(context, UUID(str(payload_of(job.payload)["job_id"])))

    @queue.entrypoint(
        APPLY,
        accepts_context=False,
        executor_factory=lambda parameters: DatabaseRetryEntrypointExecutor(
            parameters, max_attempts=_TRIES, max_delay=_LONGEST_WAIT
        ),
    )
    async def apply_import(job: Job) -> None:
        await apply(context, UUID(str(payload_of(job.payload)["job_id"])))
