"""A long lecture is made by several workers that share only the database and the store."""

import asyncio
from pathlib import Path
from uuid import UUID

from infra.queue import WorkerContext
from media_pipeline.domain import State
from tests.media_pipeline.work.making import (
    assert_published_once_in_the_end,
    content_of,
    manifest_of,
    reaches,
    tasks_of,
    upload,
)
from tests.media_pipeline.work.workers import IN_PIECES, PATIENT, StartWorker, Workers
from tests.waiting import condition


async def made(context: WorkerContext, lecture_id: UUID) -> dict[str, str]:
    """SHA-256 of all files, but of those that say when they were packaged: theirs is their size."""
    described = await manifest_of(context.objects, lecture_id)
    return {
        file.path: str(file.size) if file.path.endswith("init.mp4") else file.sha256
        for file in described.files
    }


async def test_two_workers_make_one_lecture_byte_for_byte_as_one_does(
    context: WorkerContext, workers: Workers, lesson: Path
) -> None:
    """Byte for byte because each encoder has one thread: x264's rate control, which looks at what
    its other threads have reached, makes no two equal files with more."""
    first = await upload(context.objects, content_of(lesson))
    alone = workers.start(**IN_PIECES, **PATIENT)
    await reaches(first, State.PLAYABLE)
    await assert_published_once_in_the_end(context.objects, first)
    workers.kill(alone)
    second = await upload(context.objects, content_of(lesson))
    for _ in range(2):
        workers.start(**IN_PIECES, **PATIENT)
    await reaches(second, State.PLAYABLE)
    await assert_published_once_in_the_end(context.objects, second)
    tasks = await tasks_of(second)
    assert [(task["kind"], task["number"]) for task in tasks] == [
        *(("chunk", number) for number in range(len(tasks) - 2)),
        *(("join", 0), ("sound", 0)),
    ]
    assert {task["state"] for task in tasks} == {"done"}
    assert len({task["worker"] for task in tasks}) == 2
    assert {task["starts"] for task in tasks} == {1}
    assert await made(context, second) == await made(context, first)


async def test_a_short_lesson_passes_a_long_one_that_has_begun(
    context: WorkerContext, start_worker: StartWorker, lesson: Path, short: Path
) -> None:
    long = await upload(context.objects, content_of(lesson))
    start_worker(**IN_PIECES, **PATIENT)
    await condition(lambda: _one_chunk_is_done(long), seconds=60)
    quick = await upload(context.objects, content_of(short))
    await reaches(quick, State.PLAYABLE)
    waiting = [task["state"] for task in await tasks_of(long) if task["state"] == "waiting"]
    assert waiting, "the long one's remaining chunks stand behind"
    await reaches(long, State.PLAYABLE)


async def _one_chunk_is_done(lecture_id: UUID) -> bool:
    return any(task["state"] == "done" for task in await tasks_of(lecture_id))


async def test_a_worker_told_to_stop_hands_its_part_back_uncounted(
    context: WorkerContext, workers: Workers, lesson: Path
) -> None:
    lecture_id = await upload(context.objects, content_of(lesson))
    stopped = workers.start(**IN_PIECES, **PATIENT)
    await condition(lambda: _one_chunk_is_done(lecture_id), seconds=60)
    stopped.terminate()
    assert await asyncio.to_thread(stopped.wait, 30) == 0
    left = await tasks_of(lecture_id)
    assert {task["state"] for task in left} == {"done", "waiting"}
    assert {task["starts"] for task in left if task["state"] == "waiting"} == {0}
    workers.start(**IN_PIECES, **PATIENT)
    await reaches(lecture_id, State.PLAYABLE)
    await assert_published_once_in_the_end(context.objects, lecture_id)
    assert {task["starts"] for task in await tasks_of(lecture_id)} == {1}
