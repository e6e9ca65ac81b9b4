"""Rows of bulk checks. Inside an open `UnitOfWork`; a body's are found by its code."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import Column

from backend.checking.bulk.domain import State
from backend.checking.tables import BulkCheck
from infra.database import connection

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('bulk-checks:' || $1::text, 0))"
_BEGIN = """
UPDATE bulk_check SET state = 'checking', attempt = attempt + 1, rows = 0, percent = 0
WHERE id = $1 AND state IN ('uploaded', 'checking') RETURNING attempt
"""
_NONE = UUID(int=0)
_OPEN = (State.UPLOADED, State.CHECKING)


async def add(row: BulkCheck) -> bool:
    """False where a file of this body is being checked."""
    await connection().execute(_LOCK, row.body_code)
    running = BulkCheck.exists().where(
        BulkCheck.body_code == row.body_code, BulkCheck.state.is_in(list(_OPEN))
    )
    if await running:
        return False
    await BulkCheck.insert(row)
    return True


async def of_body(body_code: str, check_id: UUID) -> BulkCheck | None:
    return await BulkCheck.objects().get(
        (BulkCheck.id == check_id) & (BulkCheck.body_code == body_code)
    )


async def latest(body_code: str, *, since: datetime, limit: int) -> list[BulkCheck]:
    """Newest first."""
    return (
        await BulkCheck.objects()
        .where(BulkCheck.body_code == body_code, BulkCheck.created_at >= since)
        .order_by(BulkCheck.id, ascending=False)
        .limit(limit)
    )


async def begin(check_id: UUID) -> int | None:
    """The attempt's number; None where there is nothing to do."""
    found: int | None = await connection().fetchval(_BEGIN, check_id)
    return found


async def change(check_id: UUID, attempt: int, values: Mapping[str, Any]) -> bool:
    """False where another attempt has the check now."""
    wanted: dict[Column | str, Any] = dict(values.items())
    changed = (
        await BulkCheck.update(wanted)
        .where(
            BulkCheck.id == check_id,
            BulkCheck.attempt == attempt,
            BulkCheck.state == State.CHECKING,
        )
        .returning(BulkCheck.id)
    )
    return bool(changed)


async def older_than(moment: datetime, *, limit: int) -> list[UUID]:
    rows = await BulkCheck.select(BulkCheck.id).where(BulkCheck.created_at < moment).limit(limit)
    return [row["id"] for row in rows]


async def known_of(check_ids: Collection[UUID]) -> set[UUID]:
    rows = await BulkCheck.select(BulkCheck.id).where(BulkCheck.id.is_in([*check_ids] or [_NONE]))
    return {row["id"] for row in rows}


async def forget(check_id: UUID) -> None:
    await BulkCheck.delete().where(BulkCheck.id == check_id)
