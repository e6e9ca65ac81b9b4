"""JSON of imports."""

from datetime import datetime
from uuid import UUID

from backend.accounts.schemas import Output
from backend.organisations.imports.domain import (
    HEADINGS,
    REFUSED,
    WRONG,
    Field,
    Format,
    JobState,
)
from backend.organisations.imports.repository import Job
from backend.organisations.tables import ImportFault


class Words(Output):
    zh: str
    en: str


class ImportView(Output, kw_only=True):
    id: UUID
    format: Format
    state: JobState
    percent: int
    """Of checking; then, after the confirmation, of applying."""
    rows: int
    good: int
    bad: int
    known: int
    """Of people who were listed already; these rows change nothing."""
    new_departments: int
    created_at: datetime
    finished_at: datetime | None = None
    refused: Words | None = None


class ImportPage(Output):
    items: list[ImportView]
    next_cursor: UUID | None = None


class FaultView(Output, kw_only=True):
    id: UUID
    row: int
    """As the file counts; the headings are row 1."""
    field: Field
    column: Words
    code: str
    problem: Words
    cell: str | None = None
    """What stood there; never of a name or contact data."""


class FaultPage(Output):
    items: list[FaultView]
    next_cursor: UUID | None = None


def import_view(job: Job) -> ImportView:
    because = job.refused_because
    return ImportView(
        id=job.id,
        format=job.format,
        state=job.state,
        percent=job.percent,
        rows=job.rows,
        good=job.good,
        bad=job.bad,
        known=job.known,
        new_departments=job.new_departments,
        created_at=job.created_at,
        finished_at=job.finished_at,
        refused=Words(*REFUSED[because]) if because else None,
    )


def fault_view(fault: ImportFault) -> FaultView:
    field = Field(fault.field)
    return FaultView(
        id=fault.id,
        row=fault.number,
        field=field,
        column=Words(*HEADINGS[field]),
        code=fault.code,
        problem=Words(*WRONG[fault.code]),
        cell=fault.shown,
    )
