"""The job that puts a checked list into effect: all good rows in one transaction, or none."""

from uuid import UUID

import structlog

from backend.organisations.domain import MOST_DEPARTMENTS
from backend.organisations.imports import repository
from backend.organisations.imports.departments import made_all
from backend.organisations.imports.domain import MOST_ATTEMPTS, FileRefused, JobState
from backend.organisations.imports.repository import Job
from backend.organisations.repository import profile_of
from backend.organisations.tables import ImportJob
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.queue import WorkerContext

_log = structlog.get_logger(__name__)


async def apply(context: WorkerContext, job_id: UUID) -> None:
    job = await repository.begin(job_id, JobState.APPLYING, (JobState.APPLYING,))
    if job is None:
        return
    try:
        await _applied(context, job)
    except FileRefused as refused:
        async with UnitOfWork(DB):
            await repository.clear(job.id, faults=False)
            await repository.change(
                job.id,
                {
                    ImportJob.state: JobState.REFUSED,
                    ImportJob.refused_because: refused.because,
                    ImportJob.finished_at: context.clock(),
                },
            )


async def _applied(context: WorkerContext, job: Job) -> None:
    if job.attempt > MOST_ATTEMPTS:
        raise FileRefused("given-up")
    now = context.clock()
    async with UnitOfWork(DB):
        await profile_of(job.organisation, lock=True)  # departments change under this lock
        if not await repository.still_ours(job):
            return
        paths = await repository.paths_of(job.id, MOST_DEPARTMENTS + 1)
        departments = await made_all(job.organisation, paths, now=now)
        taken = await repository.apply(job, departments, now=now)
        await repository.clear(job.id, faults=False)
        await repository.change(
            job.id,
            {
                ImportJob.state: JobState.APPLIED,
                ImportJob.percent: 100,
                ImportJob.good: taken,
                ImportJob.known: job.known + job.good - taken,
                ImportJob.finished_at: now,
            },
        )
        await record_act(
            "staff-imported",
            actor=job.asked_by,
            subject=f"organisation:{job.organisation}",
            now=now,
            details={"import": str(job.id), "rows": taken},
        )
    _log.info("import_applied", job=str(job.id), rows=taken)
