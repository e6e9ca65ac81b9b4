"""Lectures arrive once, whatever happens to the workers."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import psutil
import pytest
from pgqueuer.errors import RetryRequested

from infra.clock import system_clock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from media_pipeline import jobs, repository
from media_pipeline.domain import MAX_STARTS, PROCESS, LectureFacts, State
from media_pipeline.packaging.manifest import MANIFEST, Manifest
from media_pipeline.tables import Lecture
from media_pipeline.uploading import service as uploading
from tests.media_pipeline import clips
from tests.waiting import condition

StartWorker = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture(autouse=True)
async def only_our_jobs(database: None) -> None:
    """Uploads of other tests left jobs behind, which our workers would take first."""
    async with UnitOfWork(DB) as transaction:
        await transaction.connection.execute("DELETE FROM pgqueuer WHERE entrypoint = $1", PROCESS)


@pytest.fixture
def context(
    settings: Settings, database: None, object_store: ObjectStore, tmp_path: Path
) -> WorkerContext:
    own = settings.model_copy(update={"data_dir": tmp_path})
    return WorkerContext(objects=object_store, clock=system_clock, settings=own)


@pytest.fixture(scope="session")
def moving(made: Path) -> Path:
    """20 s that take a second or two to encode: time enough to kill a worker in the middle."""
    return clips.clip(made / "moving.mp4", seconds=20, sound=False)


@pytest.fixture
def start_worker(settings: Settings, tmp_path: Path) -> Iterator[StartWorker]:
    started = []

    def start() -> "subprocess.Popen[bytes]":
        environment = {
            "DATABASE_URL": settings.database_url,
            "OBJECTS_URL": settings.objects_url,
            "GUANBIAO_DATA_DIR": str(tmp_path / "workers"),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.media_pipeline.worker_process"],
            env={**os.environ, **environment},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def content_of(path: Path) -> bytes:
    return path.read_bytes()


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 65536):
        yield content[start : start + 65536]


async def upload(objects: ObjectStore, content: bytes) -> UUID:
    author_id = uuid7()
    opened = await uploading.open_upload(
        objects,
        author_id=author_id,
        title="",
        filename="第一课.mp4",
        length=len(content),
        now=system_clock(),
    )
    await uploading.receive(
        objects, opened.id, _chunks(content), author_id=author_id, offset=0, now=system_clock()
    )
    return opened.id


async def upload_for_us_alone(objects: ObjectStore, content: bytes) -> UUID:
    """Its job is taken out of the queue: the test runs the work itself."""
    lecture_id = await upload(objects, content)
    async with UnitOfWork(DB) as transaction:
        await transaction.connection.execute(
            "DELETE FROM pgqueuer WHERE convert_from(payload, 'UTF8') LIKE $1", f"%{lecture_id}%"
        )
    return lecture_id


async def jobs_of(lecture_id: UUID) -> int:
    async with UnitOfWork(DB) as transaction:
        found = await transaction.connection.fetchval(
            "SELECT count(*) FROM pgqueuer WHERE convert_from(payload, 'UTF8') LIKE $1",
            f"%{lecture_id}%",
        )
    return int(found)


async def facts(lecture_id: UUID) -> LectureFacts:
    found = await repository.lecture(lecture_id)
    assert found is not None
    return found


async def starts(lecture_id: UUID) -> int:
    rows = await Lecture.select(Lecture.starts).where(Lecture.id == lecture_id)
    return int(rows[0]["starts"])


async def reaches(lecture_id: UUID, state: State) -> None:
    async def there() -> bool:
        return (await facts(lecture_id)).state is state

    await condition(there, seconds=60, pause=0.05)


def encoders(worker: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    """What the worker runs just now, if it encodes."""
    tools = psutil.Process(worker.pid).children(recursive=True)
    return tools if any(_encodes(tool) for tool in tools) else []


def _encodes(tool: psutil.Process) -> bool:
    try:
        return "libx264" in tool.cmdline()
    except psutil.NoSuchProcess:
        return False


async def assert_published_once(objects: ObjectStore, lecture_id: UUID) -> None:
    """The store holds exactly the files of one package, as its manifest says, and no upload."""
    lecture = await facts(lecture_id)
    assert lecture.state is State.PLAYABLE
    assert lecture.package_prefix is not None
    prefix = lecture.package_prefix
    described = msgspec.json.decode(await objects.get_bytes(prefix + MANIFEST), type=Manifest)
    expected = {prefix + file.path for file in described.files} | {prefix + MANIFEST}
    assert set(await objects.list_names(f"lectures/{lecture_id}/")) == expected
    for file in described.files:
        assert (await objects.stat(prefix + file.path)).size == file.size
    assert await objects.list_names(f"incoming/{lecture_id}") == []


async def test_an_upload_becomes_playable(context: WorkerContext, short: Path) -> None:
    lecture_id = await upload_for_us_alone(context.objects, content_of(short))
    await jobs.process_lecture(context, lecture_id)
    await assert_published_once(context.objects, lecture_id)
    lecture = await facts(lecture_id)
    assert (lecture.duration_seconds, lecture.percent, lecture.step) == (2, 100, None)
    assert lecture.manifest is not None
    assert {found.name for found in lecture.manifest.renditions} == {"240p", "audio"}


async def test_running_a_finished_job_again_changes_nothing(
    context: WorkerContext, short: Path
) -> None:
    lecture_id = await upload_for_us_alone(context.objects, content_of(short))
    await jobs.process_lecture(context, lecture_id)
    before = await facts(lecture_id)
    await jobs.process_lecture(context, lecture_id)
    assert await facts(lecture_id) == before
    await assert_published_once(context.objects, lecture_id)


async def test_a_bad_file_fails_with_what_to_do_and_is_not_tried_again(
    context: WorkerContext, short: Path
) -> None:
    content = content_of(short)
    lecture_id = await upload_for_us_alone(context.objects, content[: len(content) // 2])
    await jobs.process_lecture(context, lecture_id)
    lecture = await facts(lecture_id)
    assert lecture.state is State.FAILED
    assert lecture.failure is not None
    assert lecture.failure.code == "truncated"
    assert "完整" in lecture.failure.zh
    assert "in full" in lecture.failure.en
    assert await context.objects.list_names(f"incoming/{lecture_id}") == []


async def test_a_fault_of_the_machine_is_tried_three_times_with_longer_pauses(
    context: WorkerContext, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUANBIAO_PACKAGER", "/nowhere")
    lecture_id = await upload_for_us_alone(context.objects, content_of(short))
    pauses = []
    for _ in range(MAX_STARTS - 1):
        with pytest.raises(RetryRequested) as retry:
            await jobs.process_lecture(context, lecture_id)
        pauses.append(retry.value.delay.total_seconds())
        assert (await facts(lecture_id)).state is State.QUEUED
    assert pauses == [10, 30]
    await jobs.process_lecture(context, lecture_id)
    failure = (await facts(lecture_id)).failure
    assert failure is not None
    assert (failure.code, failure.retryable) == ("tool-missing", True)
    assert await context.objects.list_names(f"incoming/{lecture_id}"), "the author's file is kept"


async def test_a_file_that_kills_its_worker_three_times_is_given_up(
    context: WorkerContext, short: Path
) -> None:
    lecture_id = await upload_for_us_alone(context.objects, content_of(short))
    for _ in range(MAX_STARTS):
        assert await repository.count_start(lecture_id, uuid7()), "a start without an end"
    await jobs.process_lecture(context, lecture_id)
    failure = (await facts(lecture_id)).failure
    assert failure is not None
    assert failure.code == "gave-up"


async def test_a_worker_taken_for_dead_publishes_nothing(
    context: WorkerContext, short: Path
) -> None:
    """Both run to their end, the first slower than its successor would like."""
    lecture_id = await upload_for_us_alone(context.objects, content_of(short))
    first = asyncio.create_task(jobs.process_lecture(context, lecture_id))
    await reaches(lecture_id, State.PROCESSING)
    second = asyncio.create_task(jobs.process_lecture(context, lecture_id))
    await asyncio.gather(first, second)
    await assert_published_once(context.objects, lecture_id)
    assert await starts(lecture_id) == 2


async def test_a_lecture_outlives_a_worker_killed_while_encoding(
    context: WorkerContext, start_worker: StartWorker, moving: Path
) -> None:
    lecture_id = await upload(context.objects, content_of(moving))
    doomed = start_worker()
    await condition(lambda: bool(encoders(doomed)), seconds=60)
    tools = encoders(doomed)
    doomed.kill()
    doomed.wait()
    start_worker()
    await reaches(lecture_id, State.PLAYABLE)
    await condition(lambda: not any(tool.is_running() for tool in tools))
    await assert_published_once_in_the_end(context.objects, lecture_id)
    assert await starts(lecture_id) == 2


async def test_a_worker_told_to_stop_hands_its_job_back(
    context: WorkerContext, start_worker: StartWorker, moving: Path
) -> None:
    lecture_id = await upload(context.objects, content_of(moving))
    stopped = start_worker()
    await condition(lambda: bool(encoders(stopped)), seconds=60)
    stopped.terminate()
    assert await asyncio.to_thread(stopped.wait, 10) == 0
    assert (await facts(lecture_id)).state is State.QUEUED
    assert (await starts(lecture_id), await jobs_of(lecture_id)) == (0, 1)
    start_worker()
    await reaches(lecture_id, State.PLAYABLE)
    await assert_published_once_in_the_end(context.objects, lecture_id)


async def test_two_workers_share_the_lectures(
    context: WorkerContext, start_worker: StartWorker, short: Path
) -> None:
    content = content_of(short)
    lectures = [await upload(context.objects, content) for _ in range(3)]
    start_worker()
    start_worker()
    for lecture_id in lectures:
        await reaches(lecture_id, State.PLAYABLE)
        await assert_published_once_in_the_end(context.objects, lecture_id)
        assert await starts(lecture_id) == 1


async def assert_published_once_in_the_end(objects: ObjectStore, lecture_id: UUID) -> None:
    """A worker clears up after it has published, and then ends the job."""

    async def job_ended() -> bool:
        return await jobs_of(lecture_id) == 0

    await condition(job_ended)
    await assert_published_once(objects, lecture_id)


async def test_a_job_cancelled_with_its_worker_is_queued_anew(
    context: WorkerContext, moving: Path
) -> None:
    lecture_id = await upload_for_us_alone(context.objects, content_of(moving))
    never = asyncio.Event()
    running = asyncio.create_task(jobs.run_unless_stopped(never, context, lecture_id))
    await reaches(lecture_id, State.PROCESSING)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await facts(lecture_id)).state is State.QUEUED
    assert (await starts(lecture_id), await jobs_of(lecture_id)) == (0, 1)
    assert list((context.settings.data_dir / "scratch").iterdir()) == []
