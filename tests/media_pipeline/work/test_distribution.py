"""A long lecture is made by several workers that share only the database and the store."""

from pathlib import Path
from uuid import UUID

import pytest

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
from tests.media_pipeline.work.workers import IN_PIECES, StartWorker


async def streams(context: WorkerContext, lecture_id: UUID) -> dict[str, str]:
    """SHA-256 of all that players get."""
    described = await manifest_of(context.objects, lecture_id)
    return {file.path: file.sha256 for file in described.files}


@pytest.fixture(scope="session")
def made_alone() -> dict[str, str]:
    """What one worker made of the lesson, once a session."""
    return {}


async def by_one_worker(
    context: WorkerContext, start_worker: StartWorker, lesson: Path, made_alone: dict[str, str]
) -> dict[str, str]:
    if not made_alone:
        lecture_id = await upload(context.objects, content_of(lesson))
        alone = start_worker(**IN_PIECES)
        await reaches(lecture_id, State.PLAYABLE)
        await assert_published_once_in_the_end(context.objects, lecture_id)
        made_alone |= await streams(context, lecture_id)
        alone.kill()
        alone.wait()
    return made_alone


async def test_two_workers_make_one_lecture_byte_for_byte_as_one_does(
    context: WorkerContext, start_worker: StartWorker, lesson: Path, made_alone: dict[str, str]
) -> None:
    alone = await by_one_worker(context, start_worker, lesson, made_alone)
    lecture_id = await upload(context.objects, content_of(lesson))
    start_worker(**IN_PIECES)
    start_worker(**IN_PIECES)
    await reaches(lecture_id, State.PLAYABLE)
    await assert_published_once_in_the_end(context.objects, lecture_id)
    tasks = await tasks_of(lecture_id)
    assert [(task["kind"], task["number"]) for task in tasks] == [
        *(("chunk", number) for number in range(len(tasks) - 2)),
        *(("join", 0), ("sound", 0)),
    ]
    assert {task["state"] for task in tasks} == {"done"}
    assert len({task["worker"] for task in tasks}) == 2
    assert {task["starts"] for task in tasks} == {1}
    assert await streams(context, lecture_id) == alone
