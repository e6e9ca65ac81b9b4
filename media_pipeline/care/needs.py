"""What rows say about names of the bucket; some names at a time, one query each."""

from collections.abc import Collection
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from infra.database import UnitOfWork, connection
from infra.engine import DB
from media_pipeline.care.names import Named, Needed

T = TypeVar("T")
_SOURCES = """
SELECT id FROM lecture WHERE id = ANY($1::uuid[]) AND (
    state IN ('uploading', 'queued', 'processing')
    OR state = 'failed' AND (failure ->> 'retryable')::boolean)
"""
_PREFIXES = "SELECT package_prefix FROM lecture WHERE package_prefix = ANY($1::varchar[])"
_ATTEMPTS = """
SELECT attempt_id FROM lecture
WHERE attempt_id = ANY($1::uuid[]) AND state IN ('queued', 'processing')
UNION ALL
SELECT run_id FROM lecture_task WHERE run_id = ANY($1::uuid[]) AND state = 'running'
"""
_FORGET = """
UPDATE lecture SET failure = jsonb_set(failure, '{retryable}', 'false')
WHERE id IN (
    SELECT id FROM lecture
    WHERE state = 'failed' AND (failure ->> 'retryable')::boolean
      AND coalesce(begun_at, created_at) < $1
    ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING id
"""


async def needed_of(found: Collection[Named]) -> Needed:
    sources = [named.owner for named in found if named.kind == "source"]
    folders = [named for named in found if named.kind != "source"]
    packages = [named.name for named in folders if named.kind == "package"]
    attempts = [named.owner for named in folders]
    return Needed(
        sources=frozenset(await _column(_SOURCES, sources)),
        prefixes=frozenset(await _column(_PREFIXES, packages)),
        attempts=frozenset(await _column(_ATTEMPTS, attempts)),
    )


async def stop_keeping(before: datetime, *, limit: int) -> list[UUID]:
    """Failed lectures last begun before then: their files are not kept for another try."""
    async with UnitOfWork(DB):
        rows = await connection().fetch(_FORGET, before, limit)
    return [row["id"] for row in rows]


async def _column(query: str, values: list[T]) -> list[T]:
    """The first column of a query that is asked for some of `values`."""
    if not values:
        return []
    async with UnitOfWork(DB):
        rows = await connection().fetch(query, values)
    return [row[0] for row in rows]
