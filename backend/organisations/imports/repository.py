"""Rows of imports. Bulk goes by COPY and INSERT SELECT on the transaction's own connection."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.organisations.imports.domain import (
    CANCELLABLE,
    KNOWN_ALREADY,
    MOST_FAULTS,
    OPEN,
    Fault,
    Field,
    Format,
    JobState,
)
from backend.organisations.tables import ImportFault, ImportJob, ImportRow
from infra.database import connection
from infra.ids import uuid7

STAGED = (
    *("id", "job", "number", "department_path", "duty", "staff_number_sealed"),
    *("name_sealed", "name_index", "contact_sealed", "contact_index"),
)
"""Columns of a row on its way in, in the order of a COPY record."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    organisation: UUID
    asked_by: UUID
    format: Format
    state: JobState
    refused_because: str | None
    attempt: int
    percent: int
    rows: int
    good: int
    bad: int
    known: int
    new_departments: int
    created_at: datetime
    finished_at: datetime | None


_JOB = [c for c in ImportJob._meta.columns if c._meta.name in Job.__struct_fields__]


async def add(row: ImportJob) -> bool:
    """False when this organisation has an open import already."""
    return bool(await ImportJob.insert(row).on_conflict(action="DO NOTHING"))


async def job_of(organisation_id: UUID, job_id: UUID, *, lock: bool = False) -> Job | None:
    query = (
        ImportJob.select(*_JOB)
        .where(ImportJob.id == job_id, ImportJob.organisation == organisation_id)
        .first()
    )
    row = await (query.lock_rows("UPDATE") if lock else query)
    return msgspec.convert(row, Job) if row else None


async def page(organisation_id: UUID, *, before: UUID | None, limit: int) -> list[Job]:
    """Newest first."""
    query = ImportJob.select(*_JOB).where(ImportJob.organisation == organisation_id)
    if before is not None:
        query = query.where(ImportJob.id < before)
    rows = await query.order_by(ImportJob.id, ascending=False).limit(limit)
    return msgspec.convert(rows, list[Job])


async def begin(job_id: UUID, state: JobState, before: Sequence[JobState]) -> Job | None:
    """One more attempt, counted before the work; None when there is nothing (more) to do."""
    rows = (
        await ImportJob.update({ImportJob.attempt: ImportJob.attempt + 1, ImportJob.state: state})
        .where(ImportJob.id == job_id, ImportJob.state.is_in(list(before)))
        .returning(*_JOB)
    )
    return msgspec.convert(rows[0], Job) if rows else None


async def still_ours(job: Job) -> bool:
    """Locks the job until the transaction ends: a cancellation and another worker wait."""
    row = (
        await ImportJob.select(ImportJob.id)
        .where(
            ImportJob.id == job.id,
            ImportJob.attempt == job.attempt,
            ImportJob.state == job.state,
        )
        .first()
        .lock_rows("UPDATE")
    )
    return row is not None


async def change(job_id: UUID, values: dict[Any, Any]) -> None:
    await ImportJob.update(values).where(ImportJob.id == job_id)


async def clear(job_id: UUID, *, faults: bool) -> None:
    """What waits; and `faults`, what was found wrong."""
    await ImportRow.delete().where(ImportRow.job == job_id)
    if faults:
        await ImportFault.delete().where(ImportFault.job == job_id)


async def stage(rows: Sequence[tuple[object, ...]]) -> None:
    await connection().copy_records_to_table("import_row", records=rows, columns=STAGED)


async def add_faults(job_id: UUID, faults: Sequence[Fault]) -> None:
    records = [(uuid7(), job_id, f.number, f.field, f.code, f.shown) for f in faults]
    columns = ("id", "job", "number", "field", "code", "shown")
    await connection().copy_records_to_table("import_fault", records=records, columns=columns)


async def set_apart_doubles(job_id: UUID) -> int:
    """Rows whose login an earlier row has."""
    return await _set_apart(
        job_id,
        "twice-in-the-file",
        "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY contact_index ORDER BY number)"
        " AS nth FROM import_row WHERE job = $1) AS counted WHERE nth > 1",
    )


async def set_apart_known(job_id: UUID) -> int:
    """Rows of people who are on the list already, or are members under that login."""
    return await _set_apart(
        job_id,
        KNOWN_ALREADY,
        "SELECT r.id FROM import_row r JOIN import_job j ON j.id = r.job WHERE r.job = $1 AND ("
        " EXISTS (SELECT 1 FROM expected_member e"
        " WHERE e.organisation = j.organisation AND e.contact_index = r.contact_index)"
        " OR EXISTS (SELECT 1 FROM membership m WHERE m.organisation = j.organisation"
        " AND m.contact_index = r.contact_index AND m.left_at IS NULL))",
    )


async def _set_apart(job_id: UUID, code: str, which: str) -> int:
    kept = await connection().fetchval("SELECT count(*) FROM import_fault WHERE job = $1", job_id)
    found: int = await connection().fetchval(
        f"WITH which AS ({which}), gone AS ("
        " DELETE FROM import_row USING which WHERE import_row.id = which.id"
        " RETURNING import_row.number"
        "), told AS ("
        " INSERT INTO import_fault (id, job, number, field, code)"
        " SELECT gen_random_uuid(), $1, number, $2, $3 FROM gone ORDER BY number LIMIT $4"
        ") SELECT count(*) FROM gone",
        job_id,
        str(Field.LOGIN),
        code,
        max(0, MOST_FAULTS - kept),
    )
    return found


async def paths_of(job_id: UUID, limit: int) -> list[str]:
    rows = await connection().fetch(
        "SELECT DISTINCT department_path AS path FROM import_row"
        " WHERE job = $1 AND department_path IS NOT NULL LIMIT $2",
        job_id,
        limit,
    )
    return [row["path"] for row in rows]


async def apply(job: Job, departments: dict[str, UUID], *, now: datetime) -> int:
    """All good rows in one statement; whoever came onto the list meanwhile is left alone."""
    done: str = await connection().execute(
        "INSERT INTO expected_member (id, organisation, department, duty, staff_number_sealed,"
        " name_sealed, name_index, contact_sealed, contact_index, listed_at)"
        " SELECT r.id, $2, d.id, r.duty, r.staff_number_sealed, r.name_sealed, r.name_index,"
        " r.contact_sealed, r.contact_index, $3"
        " FROM import_row r LEFT JOIN unnest($4::text[], $5::uuid[]) AS d (path, id)"
        " ON d.path = r.department_path"
        " WHERE r.job = $1 AND NOT EXISTS (SELECT 1 FROM membership m"
        " WHERE m.organisation = $2 AND m.contact_index = r.contact_index AND m.left_at IS NULL)"
        " ON CONFLICT (organisation, contact_index) DO NOTHING",
        job.id,
        job.organisation,
        now,
        list(departments),
        list(departments.values()),
    )
    return int(done.rpartition(" ")[2])


async def faults(job_id: UUID, *, after: tuple[int, UUID] | None, limit: int) -> list[ImportFault]:
    """In the order of the file."""
    query = ImportFault.objects().where(ImportFault.job == job_id)
    if after is not None:
        number, fault_id = after
        query = query.where(
            (ImportFault.number > number)
            | ((ImportFault.number == number) & (ImportFault.id > fault_id))
        )
    return await query.order_by(ImportFault.number).order_by(ImportFault.id).limit(limit)


async def fault_number(job_id: UUID, fault_id: UUID) -> int | None:
    row = (
        await ImportFault.select(ImportFault.number)
        .where(ImportFault.id == fault_id, ImportFault.job == job_id)
        .first()
    )
    return row["number"] if row else None


async def cancel(job_id: UUID, *, now: datetime) -> bool:
    rows = (
        await ImportJob.update({ImportJob.state: JobState.CANCELLED, ImportJob.finished_at: now})
        .where(ImportJob.id == job_id, ImportJob.state.is_in(list(CANCELLABLE)))
        .returning(ImportJob.id)
    )
    return bool(rows)


async def waiting_since(moment: datetime) -> list[Job]:
    """Open imports begun before `moment`."""
    rows = await ImportJob.select(*_JOB).where(
        ImportJob.state.is_in(list(OPEN)), ImportJob.created_at < moment
    )
    return msgspec.convert(rows, list[Job])
