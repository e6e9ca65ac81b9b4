"""One lecture in full, for an operator: its tasks, its files, and who shows the same package."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.errors import NotFound
from infra.objects import ObjectStore
from media_pipeline.care.files import Freed, measure
from media_pipeline.care.standing import Standing, standing_of
from media_pipeline.domain import incoming_name, work_folder

_TASKS = """
SELECT kind, number, state, percent, starts, worker, begun_at, ended_at FROM lecture_task
WHERE lecture_id = $1 AND attempt_id = $2 ORDER BY kind, number
"""
_SHARING = """
SELECT o.id FROM lecture l JOIN lecture o
    ON o.source_sha256 = l.source_sha256 AND o.package_prefix = l.package_prefix AND o.id <> l.id
WHERE l.id = $1 ORDER BY o.id
"""


class TaskFacts(msgspec.Struct, frozen=True):
    kind: str
    number: int
    state: str
    percent: int
    starts: int
    worker: str | None
    begun_at: datetime | None
    ended_at: datetime | None


class Details(msgspec.Struct, frozen=True):
    """`files`: by folder of the bucket, how many objects and bytes lie there."""

    standing: Standing
    tasks: list[TaskFacts]
    shared_with: list[UUID]
    files: dict[str, Freed]

    def as_object(self, now: datetime) -> dict[str, Any]:
        found = standing_object(self.standing, now)
        rest = msgspec.to_builtins({"tasks": self.tasks, "shared_with": self.shared_with})
        return {**found, **rest, "files": msgspec.to_builtins(self.files)}


def standing_object(standing: Standing, now: datetime) -> dict[str, Any]:
    """For JSON: the row's fields, percent over all tasks, and the time left."""
    found: dict[str, Any] = msgspec.to_builtins(standing)
    del found["manifest"]
    return {
        **found,
        "shortcomings": msgspec.to_builtins(standing.shortcomings),
        "percent": standing.overall_percent,
        "remaining_seconds": standing.remaining_seconds(now),
    }


async def details_of(objects: ObjectStore, lecture_id: UUID) -> Details:
    """NotFound."""
    standing = await standing_of(lecture_id)
    if standing is None:
        raise NotFound
    async with UnitOfWork(DB):
        tasks = await connection().fetch(_TASKS, lecture_id, standing.attempt_id)
        sharing = await connection().fetch(_SHARING, lecture_id)
    folders = [incoming_name(lecture_id), standing.package_prefix]
    folders.append(work_folder(standing.attempt_id) if standing.attempt_id else None)
    return Details(
        standing,
        [TaskFacts(**task) for task in tasks],
        [row["id"] for row in sharing],
        {folder: await measure(objects, folder) for folder in folders if folder},
    )
