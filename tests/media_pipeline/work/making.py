"""Lectures on their way through real workers: uploading, watching, judging the end."""

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psutil

from infra.clock import system_clock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.outage import AWAY
from media_pipeline import repository
from media_pipeline.domain import LectureFacts, State
from media_pipeline.packaging.manifest import MANIFEST, Manifest
from media_pipeline.tables import Lecture, LectureTask
from media_pipeline.uploading import service
from tests.media_pipeline.work.workers import Worker
from tests.one_connection import connection
from tests.waiting import condition

_JOBS = """
SELECT count(*) FROM pgqueuer WHERE convert_from(payload, 'UTF8')::jsonb ->> 'lecture_id' = $1
    OR convert_from(payload, 'UTF8')::jsonb ->> 'task_id' IN (
        SELECT id::text FROM lecture_task WHERE lecture_id = $1::text::uuid)
"""


def content_of(path: Path) -> bytes:
    """The clip and an empty box after it: a file that was never uploaded before."""
    return path.read_bytes() + (24).to_bytes(4, "big") + b"free" + uuid7().bytes


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 65536):
        yield content[start : start + 65536]


async def upload(objects: ObjectStore, content: bytes) -> UUID:
    author_id, now = uuid7(), system_clock()
    opened = await service.open_upload(
        objects,
        author_id=author_id,
        title="",
        filename="第一课.mp4",
        length=len(content),
        now=now,
    )
    await service.receive(
        objects, opened.id, _pieces(content), author_id=author_id, offset=0, now=now
    )
    return opened.id


async def upload_for_us_alone(objects: ObjectStore, content: bytes) -> UUID:
    """Its job is taken out of the queue: the test runs the work itself."""
    lecture_id = await upload(objects, content)
    async with UnitOfWork(DB):
        await connection().execute(
            "DELETE FROM pgqueuer WHERE convert_from(payload, 'UTF8') LIKE $1", f"%{lecture_id}%"
        )
    return lecture_id


async def jobs_of(lecture_id: UUID) -> int:
    """Its own and its tasks'."""
    async with UnitOfWork(DB):
        found = await connection().fetchval(_JOBS, str(lecture_id))
    return int(found)


async def facts(lecture_id: UUID) -> LectureFacts:
    found = await repository.lecture(lecture_id)
    assert found is not None
    return found


async def row(lecture_id: UUID) -> dict[str, Any]:
    (found,) = await Lecture.select().where(Lecture.id == lecture_id).output(load_json=True)
    return dict(found)


async def tasks_of(lecture_id: UUID) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        await LectureTask.select()
        .where(LectureTask.lecture_id == lecture_id)
        .order_by(LectureTask.kind, LectureTask.number)
    )
    return rows


async def starts(lecture_id: UUID) -> int:
    return int((await row(lecture_id))["starts"])


async def reaches(lecture_id: UUID, state: State, *, seconds: float = 60) -> None:
    async def there() -> bool:
        try:
            found = await facts(lecture_id)
        except AWAY:  # where a test stops the database
            return False
        assert state is State.FAILED or found.failure is None, found.failure
        return found.state is state

    await condition(there, seconds=seconds, pause=0.05)


async def says_step(lecture_id: UUID, step: str) -> None:
    async def there() -> bool:
        return (await facts(lecture_id)).step == step

    await condition(there, seconds=60)


def encoders(worker: Worker) -> list[psutil.Process]:
    """What the worker runs just now, if it encodes."""
    tools = psutil.Process(worker.pid).children(recursive=True)
    return tools if any(_encodes(tool) for tool in tools) else []


def _encodes(tool: psutil.Process) -> bool:
    try:
        return "libx264" in tool.cmdline()
    except psutil.NoSuchProcess:
        return False


async def manifest_of(objects: ObjectStore, lecture_id: UUID) -> Manifest:
    lecture = await facts(lecture_id)
    assert lecture.state is State.PLAYABLE
    assert lecture.package_prefix is not None
    content = await objects.get_bytes(lecture.package_prefix + MANIFEST)
    return msgspec.json.decode(content, type=Manifest)


async def assert_published_once(objects: ObjectStore, lecture_id: UUID) -> None:
    """The store holds exactly the files of one package, each byte as its manifest says, no upload
    and nothing that tasks left for one another."""
    described = await manifest_of(objects, lecture_id)
    prefix = (await facts(lecture_id)).package_prefix
    assert prefix is not None
    expected = {prefix + file.path for file in described.files} | {prefix + MANIFEST}
    assert set(await objects.list_names(f"lectures/{lecture_id}/")) == expected
    for file in described.files:
        content = await objects.get_bytes(prefix + file.path)
        assert (len(content), sha256(content).hexdigest()) == (file.size, file.sha256)
    assert await objects.list_names(f"incoming/{lecture_id}") == []
    await is_cleared(objects, lecture_id)


async def jobs_end(lecture_id: UUID) -> None:
    """A worker clears up after it has published, and then ends the job."""

    async def ended() -> bool:
        return await jobs_of(lecture_id) == 0

    await condition(ended, seconds=20)


async def is_cleared(objects: ObjectStore, lecture_id: UUID) -> None:
    """Whoever comes back late takes away what he had already stored, after the others' last job."""

    async def nothing_left() -> bool:
        left = [await objects.list_names(f"work/{task['attempt_id']}/") for task in tasks]
        return not any(left)

    tasks = await tasks_of(lecture_id)
    await condition(nothing_left, seconds=30)


async def assert_published_once_in_the_end(objects: ObjectStore, lecture_id: UUID) -> None:
    await jobs_end(lecture_id)
    await assert_published_once(objects, lecture_id)
