"""A job queue that outlives its database's absence, and ends no job that is another's by now.

PgQueuer 1.6 stops when one look at the queue fails, listens to a dead line after a restart, and
acknowledges by the job's number alone: a worker that was taken for dead and comes back would
delete, or start anew, the job that its successor is doing.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
import structlog
from pgqueuer import PgQueuer, Queries
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.core import buffers
from pgqueuer.models import Job, TracebackRecord
from pgqueuer.ports.driver import NotifyCallback
from pgqueuer.ports.repository import EntrypointExecutionParameter
from pgqueuer.types import JOB_STATUS, JobId, QueueEntrypoint, QueueManagerId

from infra.outage import AWAY, until_back

_OURS = "SELECT id FROM pgqueuer WHERE id = $1 AND queue_manager_id = $2"
_log = structlog.get_logger(__name__)


@dataclass
class _Ended(buffers.JobStatusLogBuffer):
    """Jobs that have ended. Taken one by one, each is written at once; PgQueuer looks ten times a
    second all the same whether one could not be, which is half of what an idle worker does."""

    timeout: timedelta = field(default=timedelta(seconds=1), kw_only=True)


buffers.JobStatusLogBuffer = _Ended  # type: ignore[misc]  # there is no option for it


def lasting_queue(pool: "asyncpg.Pool[Any]", *, at_once: int) -> PgQueuer:
    """`at_once`: jobs that this process does at the same time; one is possible, too."""
    driver = _Driver(pool)
    return PgQueuer(driver, queries=_Jobs(driver, at_once))


class _Driver(AsyncpgPoolDriver):
    """Listens again on a new line when the old one is dead."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        super().__init__(pool)
        self._listening: list[tuple[str, NotifyCallback]] = []

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        self._listening.append((channel, callback))
        await super().add_listener(channel, callback)

    async def mend(self) -> None:
        async with self._lock:
            if not self._is_deaf():
                return
            self._listener_connection = None  # the pool has taken it back by itself
        for channel, callback in self._listening:
            await super().add_listener(channel, callback)

    async def __aexit__(self, *raised: object) -> None:
        if self._is_deaf():
            self._listener_connection = None
        await super().__aexit__(*raised)

    def _is_deaf(self) -> bool:
        listener = self._listener_connection
        try:
            return listener is not None and listener.is_closed()
        except asyncpg.InterfaceError:  # what a pool's dead line says to any question
            return True


class _Jobs(Queries):
    def __init__(self, driver: _Driver, at_once: int) -> None:
        super().__init__(driver)
        self._line, self._at_once = driver, at_once

    async def dequeue(
        self,
        batch_size: int,
        entrypoints: dict[QueueEntrypoint, EntrypointExecutionParameter],
        queue_manager_id: QueueManagerId,
        global_concurrency_limit: int | None,
        heartbeat_timeout: timedelta,
    ) -> list[Job]:
        """Nothing, where the database cannot be asked: the queue looks again at its next turn."""
        del global_concurrency_limit  # PgQueuer's least is two; ours may be one
        try:
            await self._line.mend()
            return await super().dequeue(
                batch_size, entrypoints, queue_manager_id, self._at_once, heartbeat_timeout
            )
        except AWAY:
            _log.warning("the queue cannot be reached", exc_info=True)
            return []

    async def eligible_queued_work(self, entrypoints: list[QueueEntrypoint]) -> int:
        try:
            return await super().eligible_queued_work(entrypoints)
        except AWAY:
            return 0

    async def queued_work(self, entrypoints: list[QueueEntrypoint]) -> int:
        try:
            return await super().queued_work(entrypoints)
        except AWAY:
            return 0

    async def next_deferred_eta(self, entrypoints: list[QueueEntrypoint]) -> timedelta | None:
        try:
            return await super().next_deferred_eta(entrypoints)
        except AWAY:
            return None

    async def retry_job(
        self, job: Job, delay: timedelta, traceback_record: TracebackRecord | None
    ) -> None:
        async def retry() -> None:
            if await self._is_ours(job):
                await super(_Jobs, self).retry_job(job, delay, traceback_record)

        await until_back(retry)

    async def log_jobs(
        self, job_status: list[tuple[Job, JOB_STATUS, TracebackRecord | None]]
    ) -> None:
        ours = [entry for entry in job_status if await self._is_ours(entry[0])]
        if ours:
            await super().log_jobs(ours)

    async def _is_ours(self, job: Job) -> bool:
        return bool(await self.driver.fetch(_OURS, JobId(job.id), job.queue_manager_id))
