"""Lectures as their authors keep them: seen, tried again, ended, removed."""

from datetime import datetime
from uuid import UUID

from backend.lectures import shown
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.errors import Conflict, NotFound
from infra.objects import ObjectStore
from media_pipeline.care import changes
from media_pipeline.care.removal import remove_leftover, remove_rows
from media_pipeline.care.standing import Standing, standing_of, standings_of_author


class LectureInUse(Conflict):
    """A lesson shows or has shown this lecture, and learners' records rest on it; it stays."""

    zh = "有课程正在或曾经使用该视频，学习记录以它为依据，不能删除。"

    def __init__(self, lessons: list[str]) -> None:
        named = ", ".join(lessons)
        super().__init__(
            f"Lesson {named} shows or has shown this lecture, and learners' records rest on it;"
            " it stays. Choose another lecture for the lesson instead.",
            zh=f"课程 {named} 正在或曾经使用该视频，学习记录以它为依据，不能删除；"
            "如需更换，请为该课程另选视频。",
            fields={"lessons": named},
        )


async def lecture_of(lecture_id: UUID, *, author_id: UUID) -> Standing:
    found = await standing_of(lecture_id, author_id=author_id)
    if found is None:
        raise NotFound
    return found


async def lectures_of(author_id: UUID, *, before: UUID | None, limit: int) -> list[Standing]:
    """Newest first."""
    return await standings_of_author(author_id, before=before, limit=limit)


async def retry(
    objects: ObjectStore, lecture_id: UUID, *, author_id: UUID, now: datetime
) -> Standing:
    """NotFound; NotFailed, FileAtFault, SourceGone."""
    await changes.retry(objects, lecture_id, author_id=author_id, now=now)
    return await lecture_of(lecture_id, author_id=author_id)


async def cancel(lecture_id: UUID, *, author_id: UUID) -> Standing:
    """NotFound; NothingToCancel."""
    await changes.cancel(lecture_id, author_id=author_id)
    return await lecture_of(lecture_id, author_id=author_id)


async def rename(lecture_id: UUID, title: str, *, author_id: UUID) -> Standing:
    await changes.rename(lecture_id, title, author_id=author_id)
    return await lecture_of(lecture_id, author_id=author_id)


async def remove(objects: ObjectStore, lecture_id: UUID, *, author_id: UUID, now: datetime) -> None:
    """NotFound, LectureInUse. The files follow once the rows are gone for good."""
    async with UnitOfWork(DB):
        await changes.state_of(lecture_id, author_id)
        left = await remove_rows(lecture_id)
        # The row is locked by now: whoever chooses the lecture for a lesson waits (`hold`).
        if lessons := await shown.lessons_showing(lecture_id):
            raise LectureInUse(lessons)
        await record_act(
            "lecture-removed", actor=author_id, subject=f"lecture:{lecture_id}", now=now
        )
    await remove_leftover(objects, left)
