"""Lectures that go for good: rows first, in one transaction, then their files.

Killed in between, the files are orphans, and the sweep finds them. A package that another lecture
shows stays.
"""

from contextlib import suppress
from uuid import UUID

import msgspec

from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.errors import NotFound
from infra.objects import NoSuchObject, ObjectStore
from media_pipeline.care.changes import forget_jobs
from media_pipeline.care.files import Freed, measure, remove_folder
from media_pipeline.domain import incoming_name, lecture_folder, work_folder

_ROW = """
SELECT l.package_prefix, l.attempt_id, u.multipart FROM lecture l
LEFT JOIN upload u ON u.id = l.id WHERE l.id = $1
"""
_SHARED = """
SELECT package_prefix FROM lecture
WHERE id <> $1 AND (package_prefix = $2 OR package_prefix LIKE $3 || '%')
"""
_DEPENDENT = ("caption_cue", "caption_track", "recognition_failure", "lecture_task")


class Leftover(msgspec.Struct, frozen=True):
    """What a lecture without rows leaves in the store; `shared`: packages others show."""

    lecture_id: UUID
    package_prefix: str | None
    attempt_id: UUID | None
    multipart: str | None
    shared: frozenset[str] = frozenset()


async def hold(lecture_id: UUID) -> None:
    """Until the open `UnitOfWork` ends, nobody removes this lecture."""
    await connection().execute("SELECT FROM lecture WHERE id = $1 FOR KEY SHARE", lecture_id)


async def remove_rows(lecture_id: UUID) -> Leftover:
    """NotFound. Needs an open `UnitOfWork`; hand the answer to `remove_leftover` after it. The
    lock makes whoever is about to show this lecture's package too wait, and find it gone."""
    left = await _leftover(_ROW + " FOR UPDATE OF l", lecture_id)
    for table in _DEPENDENT:
        await connection().execute(f"DELETE FROM {table} WHERE lecture_id = $1", lecture_id)
    for table in ("upload", "lecture"):
        await connection().execute(f"DELETE FROM {table} WHERE id = $1", lecture_id)
    await forget_jobs(lecture_id)
    return left


async def remove_leftover(objects: ObjectStore, left: Leftover) -> Freed:
    if left.multipart:
        with suppress(NoSuchObject):
            await objects.multipart_abort(incoming_name(left.lecture_id), left.multipart)
    freed = Freed()
    for folder in await _folders(objects, left):
        freed += await remove_folder(objects, folder)
    return freed


async def remove(objects: ObjectStore, lecture_id: UUID) -> Freed:
    """NotFound. Whether a lesson shows the lecture is for the caller to know."""
    async with UnitOfWork(DB):
        left = await remove_rows(lecture_id)
    return await remove_leftover(objects, left)


async def would_free(objects: ObjectStore, lecture_id: UUID) -> Freed:
    """What `remove` would: NotFound."""
    async with UnitOfWork(DB):
        left = await _leftover(_ROW, lecture_id)
    freed = Freed()
    for folder in await _folders(objects, left):
        freed += await measure(objects, folder)
    return freed


async def _leftover(query: str, lecture_id: UUID) -> Leftover:
    row = await connection().fetchrow(query, lecture_id)
    if row is None:
        raise NotFound
    prefix, attempt_id, multipart = row
    shared = await connection().fetch(_SHARED, lecture_id, prefix, lecture_folder(lecture_id))
    names = frozenset(found["package_prefix"] for found in shared)
    return Leftover(lecture_id, prefix, attempt_id, multipart, names)


async def _folders(objects: ObjectStore, left: Leftover) -> list[str]:
    found = {incoming_name(left.lecture_id)}
    if left.attempt_id:
        found.add(work_folder(left.attempt_id))
    if left.package_prefix:
        found.add(left.package_prefix)
    async for page in objects.pages(lecture_folder(left.lecture_id), deep=False):
        found.update(info.name for info in page)
    return sorted(found - left.shared)
