"""Rows of print batches. Inside an open `UnitOfWork`; an organisation's are found by its id."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import Column

from backend.organisations.prints.domain import SHOWN, State
from backend.organisations.prints.tables import PrintBatch
from infra.database import connection

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('prints:' || $1::text, 0))"
_OPEN = [State.WAITING.value, State.PRINTING.value]


async def add(row: PrintBatch) -> bool:
    """False where another one of this organisation is under way."""
    await connection().execute(_LOCK, str(row.organisation))
    if await PrintBatch.exists().where(
        PrintBatch.organisation == row.organisation, PrintBatch.state.is_in(_OPEN)
    ):
        return False
    await PrintBatch.insert(row)
    return True


async def of_organisation(organisation_id: UUID) -> list[PrintBatch]:
    return (
        await PrintBatch.objects()
        .where(PrintBatch.organisation == organisation_id)
        .order_by(PrintBatch.id, ascending=False)
        .limit(SHOWN)
    )


async def one(organisation_id: UUID, batch_id: UUID) -> PrintBatch | None:
    return await PrintBatch.objects().get(
        (PrintBatch.id == batch_id) & (PrintBatch.organisation == organisation_id)
    )


async def begin(batch_id: UUID, attempt_id: UUID) -> PrintBatch | None:
    """None where there is nothing (more) to make."""
    rows = (
        await PrintBatch.update(
            {
                PrintBatch.state: State.PRINTING,
                PrintBatch.attempt_id: attempt_id,
                PrintBatch.starts: PrintBatch.starts + 1,
                PrintBatch.people: 0,
                PrintBatch.printed: 0,
            }
        )
        .where(PrintBatch.id == batch_id, PrintBatch.state.is_in(_OPEN))
        .returning(*PrintBatch.all_columns())
    )
    return PrintBatch.from_dict(rows[0]) if rows else None


async def change(batch_id: UUID, attempt_id: UUID, values: Mapping[str, Any]) -> None:
    """Nothing where another attempt has it now."""
    wanted: dict[Column | str, Any] = dict(values.items())
    await PrintBatch.update(wanted).where(
        PrintBatch.id == batch_id,
        PrintBatch.attempt_id == attempt_id,
        PrintBatch.state == State.PRINTING,
    )


async def older_than(moment: datetime, *, limit: int) -> list[UUID]:
    """Asked for then, or earlier."""
    rows = await PrintBatch.select(PrintBatch.id).where(PrintBatch.asked_at <= moment).limit(limit)
    return [row["id"] for row in rows]


async def forget(batch_id: UUID) -> None:
    await PrintBatch.delete().where(PrintBatch.id == batch_id)
