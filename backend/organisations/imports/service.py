"""Imports of staff as a manager works with them: upload, look, confirm or cancel."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from backend.organisations.imports import repository
from backend.organisations.imports.archive import refuse_unsafe_directory
from backend.organisations.imports.domain import (
    CANCELLABLE,
    MOST_BYTES,
    CannotCancel,
    FileTooLarge,
    Format,
    ImportNotFound,
    ImportRunning,
    JobState,
    NotChecked,
    refuse_if_hopeless,
)
from backend.organisations.imports.reading import plain_lines as plain_lines
from backend.organisations.imports.repository import Job
from backend.organisations.imports.storing import object_name, sealed
from backend.organisations.members.service import refuse_stranger
from backend.organisations.profiles import managed
from backend.organisations.tables import ImportFault, ImportJob
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.queue import enqueue
from infra.vault import Vault

CHECK, APPLY = "check_staff_import", "apply_staff_import"
WAITS = timedelta(days=7)
"""For the manager's word; then the list, which is of people, is thrown away."""


async def upload(
    vault: Vault,
    objects: ObjectStore,
    person_id: UUID,
    organisation_id: UUID,
    content: bytes,
    *,
    now: datetime,
) -> Job:
    """FileTooLarge, FileRefused, ImportRunning. What it is, the content says, not its name."""
    await refuse_stranger(person_id, organisation_id)
    if len(content) > MOST_BYTES:
        raise FileTooLarge
    form = Format.XLSX if content[:4] == b"PK\x03\x04" else Format.CSV
    if form is Format.XLSX:
        await asyncio.to_thread(refuse_unsafe_directory, content)
    row = _row(organisation_id, person_id, form, len(content), now=now)
    name = object_name(row.id)
    packed = await asyncio.to_thread(sealed, vault, row.id, content)
    await objects.put_bytes(name, packed, "application/octet-stream")
    try:
        await _begin(person_id, row)
    except BaseException:
        await objects.remove(name)
        raise
    return await job_of(person_id, organisation_id, row.id)


async def _begin(person_id: UUID, row: ImportJob) -> None:
    async with UnitOfWork(DB):
        await managed(person_id, row.organisation)
        if not await repository.add(row):
            raise ImportRunning
        await enqueue(CHECK, {"job_id": str(row.id)})


async def job_of(person_id: UUID, organisation_id: UUID, job_id: UUID) -> Job:
    await refuse_stranger(person_id, organisation_id)
    found = await repository.job_of(organisation_id, job_id)
    if found is None:
        raise ImportNotFound
    return found


async def page(
    person_id: UUID, organisation_id: UUID, *, before: UUID | None, limit: int
) -> list[Job]:
    await refuse_stranger(person_id, organisation_id)
    return await repository.page(organisation_id, before=before, limit=limit)


async def confirm(person_id: UUID, organisation_id: UUID, job_id: UUID) -> Job:
    """NotChecked, TooManyBadRows, NothingToApply. The good rows follow, all or none."""
    async with UnitOfWork(DB):
        await managed(person_id, organisation_id)
        job = await repository.job_of(organisation_id, job_id, lock=True)
        if job is None:
            raise ImportNotFound
        if job.state is not JobState.CHECKED:
            raise NotChecked
        refuse_if_hopeless(good=job.good, bad=job.bad)
        await repository.change(
            job_id,
            {ImportJob.state: JobState.APPLYING, ImportJob.attempt: 0, ImportJob.percent: 0},
        )
        await enqueue(APPLY, {"job_id": str(job_id)})
    return await job_of(person_id, organisation_id, job_id)


async def cancel(
    objects: ObjectStore, person_id: UUID, organisation_id: UUID, job_id: UUID, *, now: datetime
) -> Job:
    """Whatever waited is thrown away; a worker that is checking stops at its next batch."""
    async with UnitOfWork(DB):
        await managed(person_id, organisation_id)
        if await repository.job_of(organisation_id, job_id) is None:
            raise ImportNotFound
        if not await repository.cancel(job_id, now=now):
            raise CannotCancel
        await repository.clear(job_id, faults=True)
    await objects.remove(object_name(job_id))
    return await job_of(person_id, organisation_id, job_id)


async def forget_waiting(objects: ObjectStore, *, now: datetime) -> int:
    """Imports that nobody has confirmed for a week; for the retention job."""
    gone = 0
    for job in await repository.waiting_since(now - WAITS):
        if job.state in CANCELLABLE:
            async with UnitOfWork(DB):
                gone += await repository.cancel(job.id, now=now)
                await repository.clear(job.id, faults=True)
            await objects.remove(object_name(job.id))
    return gone


async def faults(
    person_id: UUID, organisation_id: UUID, job_id: UUID, *, after: UUID | None, limit: int
) -> list[ImportFault]:
    await job_of(person_id, organisation_id, job_id)
    return await faults_after(job_id, after=after, limit=limit)


async def faults_after(job_id: UUID, *, after: UUID | None, limit: int) -> list[ImportFault]:
    """In the order of the file, from behind the fault `after`."""
    number = await repository.fault_number(job_id, after) if after else None
    start = (number, after) if number is not None and after is not None else None
    return await repository.faults(job_id, after=start, limit=limit)


def _row(
    organisation_id: UUID, person_id: UUID, form: Format, size: int, *, now: datetime
) -> ImportJob:
    return ImportJob(
        id=uuid7(),
        organisation=organisation_id,
        asked_by=person_id,
        format=form,
        size=size,
        state=JobState.UPLOADED,
        created_at=now,
    )
