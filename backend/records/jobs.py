"""The job that makes a due record. Safe to run twice and to be killed anywhere."""

import asyncio
from datetime import timedelta
from uuid import UUID

from pgqueuer import PgQueuer
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job

from backend.records.issuing import issue_with_others
from backend.records.service import ISSUE
from infra.queue import WorkerContext, payload_of

_TRIES = 8
_LONGEST_WAIT = timedelta(minutes=2)


def register(queue: PgQueuer, context: WorkerContext) -> None:
    one_at_a_time = asyncio.Lock()  # who waits finds its record made along with another's

    @queue.entrypoint(
        ISSUE,
        accepts_context=False,
        executor_factory=lambda parameters: DatabaseRetryEntrypointExecutor(
            parameters, max_attempts=_TRIES, max_delay=_LONGEST_WAIT
        ),
    )
    async def make_record(job: Job) -> None:
        async with one_at_a_time:
            await issue_with_others(context, UUID(str(payload_of(job.payload)["due_id"])))
