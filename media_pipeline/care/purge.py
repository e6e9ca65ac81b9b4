"""What an operator may remove by rule: failed lectures, and playable ones no lesson ever showed."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec

from infra.audit import record_act
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.errors import Conflict
from infra.objects import ObjectStore
from media_pipeline.care.files import Freed
from media_pipeline.care.removal import remove_leftover, remove_rows, would_free

_FAILED = """
SELECT id FROM lecture WHERE state = 'failed' AND coalesce(begun_at, created_at) < $1
AND NOT id = ANY($2::uuid[]) ORDER BY id
"""
_UNASSIGNED = """
SELECT id FROM lecture WHERE state = 'playable' AND playable_at < $1
AND NOT id = ANY($2::uuid[]) ORDER BY id
"""


class Shown(Conflict):
    """A lesson shows or has shown this lecture, so records rest on it; it is never purged."""

    zh = "有课程正在或曾经使用该视频，学习记录以它为依据，不可清除。"


class Purged(msgspec.Struct, frozen=True):
    lecture_id: UUID
    freed: Freed


async def failed_before(before: datetime, *, protected: Collection[UUID]) -> list[UUID]:
    return await _ids(_FAILED, before, protected)


async def unassigned_before(before: datetime, *, protected: Collection[UUID]) -> list[UUID]:
    """Playable since before then; `protected`: those that a lesson shows or has shown."""
    return await _ids(_UNASSIGNED, before, protected)


async def purge(
    objects: ObjectStore,
    lecture_id: UUID,
    *,
    protected: Collection[UUID],
    really: bool,
    now: datetime,
) -> Purged:
    """Shown, NotFound. Without `really`: what it would free."""
    if lecture_id in protected:
        raise Shown
    if not really:
        return Purged(lecture_id, await would_free(objects, lecture_id))
    async with UnitOfWork(DB):
        left = await remove_rows(lecture_id)
        await record_act("lecture-purged", actor=None, subject=f"lecture:{lecture_id}", now=now)
    return Purged(lecture_id, await remove_leftover(objects, left))


async def _ids(query: str, before: datetime, protected: Collection[UUID]) -> list[UUID]:
    async with UnitOfWork(DB):
        rows = await connection().fetch(query, before, list(protected))
    return [row["id"] for row in rows]
