"""The job that reads a file of staff and says, row by row, what is wrong. Nothing takes effect.

Safe to kill anywhere: every batch is committed under the attempt's number, and the next attempt
begins with an empty table. Judging and sealing run in a thread, batch by batch.
"""

import asyncio
from collections.abc import Iterator
from itertools import islice
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag

from backend.organisations.domain import MOST_DEPARTMENTS
from backend.organisations.imports import repository
from backend.organisations.imports.archive import refuse_unsafe
from backend.organisations.imports.departments import missing_of
from backend.organisations.imports.domain import (
    MOST_ATTEMPTS,
    MOST_FAULTS,
    Fault,
    FileRefused,
    Format,
    JobState,
)
from backend.organisations.imports.reading import Row, StaffFile
from backend.organisations.imports.repository import Job
from backend.organisations.imports.rows import StaffRow, judged
from backend.organisations.imports.storing import object_name, opened
from backend.organisations.members.repository import name_index
from backend.organisations.tables import ImportJob, ImportRow
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.objects import NoSuchObject
from infra.queue import WorkerContext
from infra.vault import Vault, place

_BATCH = 2_000
_log = structlog.get_logger(__name__)


class Overtaken(Exception):
    """The job was cancelled, or another worker has it now."""


async def check(context: WorkerContext, job_id: UUID) -> None:
    before = (JobState.UPLOADED, JobState.CHECKING)
    job = await _begun(job_id, before)
    if job is not None:
        try:
            await _checked(context, job)
        except FileRefused as refused:
            await _refuse(context, job, refused.because)
        except (NoSuchObject, InvalidTag):
            await _refuse(context, job, "given-up")
        except Overtaken:
            _log.info("import_overtaken", job=str(job.id))
    await context.objects.remove(object_name(job_id))  # it is a list of people: gone once read


async def _begun(job_id: UUID, before: tuple[JobState, ...]) -> Job | None:
    async with UnitOfWork(DB):
        job = await repository.begin(job_id, JobState.CHECKING, before)
        if job is not None:
            await repository.clear(job_id, faults=True)
    return job


async def _checked(context: WorkerContext, job: Job) -> None:
    if job.attempt > MOST_ATTEMPTS:
        raise FileRefused("given-up")
    vault = Vault.of(context.settings.keys)
    sealed = await context.objects.get_bytes(object_name(job.id))
    file = await asyncio.to_thread(_safely_open, vault, job, sealed)
    del sealed
    rows, counted = file.rows(), Counted()
    while batch := await asyncio.to_thread(_judged_batch, vault, job, rows, counted):
        await _stage(job, batch, counted, file.total)
    await _finish(job, counted)


def _safely_open(vault: Vault, job: Job, sealed: bytes) -> StaffFile:
    content = opened(vault, job.id, sealed)
    if job.format is Format.XLSX:
        refuse_unsafe(content)
    return StaffFile(content, job.format)


class Counted:
    """Rows so far; `faults` are those kept for the report."""

    def __init__(self) -> None:
        self.rows = self.bad = self.faults = 0


class Batch:
    def __init__(self) -> None:
        self.staged = list[tuple[object, ...]]()
        self.faults = list[Fault]()


def _judged_batch(vault: Vault, job: Job, rows: Iterator[Row], counted: Counted) -> Batch | None:
    batch, read = Batch(), 0
    for number, cells in islice(rows, _BATCH):
        read += 1
        found = judged(number, cells)
        if isinstance(found, StaffRow):
            batch.staged.append(_record(vault, job.id, found))
        else:
            counted.bad += 1
            room = MOST_FAULTS - counted.faults
            batch.faults += found[:room]
            counted.faults += len(found[:room])
    counted.rows += read
    return batch if read else None


def _record(vault: Vault, job_id: UUID, row: StaffRow) -> tuple[object, ...]:
    """In the order of `repository.STAGED`. Bound to a place that goes with the row: by one INSERT
    SELECT it moves on, id and all, into the list of expected members."""
    number, new = row.staff_number, uuid7()
    return (
        new,
        job_id,
        row.number,
        row.department,
        row.duty,
        vault.seal(number, place(ImportRow.staff_number_sealed, new)) if number else None,
        vault.seal(row.name, place(ImportRow.name_sealed, new)),
        name_index(vault, row.name),
        vault.seal(row.login.value, place(ImportRow.contact_sealed, new)),
        vault.index(row.login.indexed),
    )


async def _stage(job: Job, batch: Batch, counted: Counted, total: int) -> None:
    percent = min(99, 100 * counted.rows // max(total, 1))
    async with UnitOfWork(DB):
        if not await repository.still_ours(job):
            raise Overtaken
        await repository.stage(batch.staged)
        await repository.add_faults(job.id, batch.faults)
        await repository.change(job.id, {ImportJob.percent: percent, ImportJob.rows: counted.rows})


async def _finish(job: Job, counted: Counted) -> None:
    """Compares the rows with each other and with who is listed already: in the database."""
    if counted.rows == 0:
        raise FileRefused("no-rows")
    async with UnitOfWork(DB):
        if not await repository.still_ours(job):
            raise Overtaken
        double = await repository.set_apart_doubles(job.id)
        known = await repository.set_apart_known(job.id)
        paths = await repository.paths_of(job.id, MOST_DEPARTMENTS + 1)
        missing = await missing_of(job.organisation, paths)
        bad = counted.bad + double
        await repository.change(
            job.id,
            {
                ImportJob.state: JobState.CHECKED,
                ImportJob.percent: 100,
                ImportJob.rows: counted.rows,
                ImportJob.bad: bad,
                ImportJob.known: known,
                ImportJob.good: counted.rows - bad - known,
                ImportJob.new_departments: len(missing),
            },
        )
    _log.info("import_checked", job=str(job.id), rows=counted.rows, bad=bad)


async def _refuse(context: WorkerContext, job: Job, because: str) -> None:
    async with UnitOfWork(DB):
        if await repository.still_ours(job):
            await repository.clear(job.id, faults=True)
            await repository.change(
                job.id,
                {
                    ImportJob.state: JobState.REFUSED,
                    ImportJob.refused_because: because,
                    ImportJob.finished_at: context.clock(),
                },
            )
    _log.info("import_refused", job=str(job.id), because=because)
