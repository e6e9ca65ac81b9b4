"""A lecture that really went through the pipeline, and rows that say they did."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from infra.clock import system_clock
from infra.ids import uuid7
from infra.queue import WorkerContext
from media_pipeline import jobs, repository
from media_pipeline.domain import LectureFacts, Published, State
from media_pipeline.tables import Lecture
from media_pipeline.uploading import service


async def publish(context: WorkerContext, path: Path, *, author_id: UUID) -> LectureFacts:
    """Uploads and encodes `path` in this process; its queued job finds the work done."""

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    content = _content(path)
    now = system_clock()
    opened = await service.open_upload(
        context.objects,
        author_id=author_id,
        title="",
        filename=path.name,
        length=len(content),
        now=now,
    )
    await service.receive(
        context.objects, opened.id, chunks(), author_id=author_id, offset=0, now=now
    )
    await jobs.process_lecture(context, opened.id)
    found = await repository.lecture(opened.id)
    assert found is not None
    return found


def _content(path: Path) -> bytes:
    return path.read_bytes()


async def a_row(
    author_id: UUID, *, now: datetime, state: State = State.PLAYABLE, seconds: int = 40
) -> UUID:
    """Only the row: for what does not look at the files."""
    lecture_id = uuid7()
    lecture = Lecture(
        id=lecture_id, author_id=author_id, title="第一课", created_at=now, state=state
    )
    if state is State.PLAYABLE:
        lecture.package_prefix = f"lectures/{lecture_id}/{uuid7()}/"
        published = Published(float(seconds), "master.m3u8", "poster.jpg", ())
        lecture.manifest = msgspec.json.encode(published).decode()
        lecture.duration_seconds = seconds
        lecture.playable_at = now
    await Lecture.insert(lecture)
    return lecture_id
