"""kill -9 at every step: another worker ends the work, once, and nothing is left over."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from media_pipeline.domain import State
from tests.media_pipeline.work.making import (
    assert_published_once_in_the_end,
    content_of,
    reaches,
    says_step,
    tasks_of,
    upload,
)
from tests.media_pipeline.work.workers import Relief, Workers
from tests.waiting import condition

STEPS = ["download", "probe", "loudness", "encode", "package", "poster", "check", "publish"]


@pytest.fixture(scope="module")
def relief(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relief]:
    folder = tmp_path_factory.mktemp("relief")
    workers = Workers(settings, folder)
    yield Relief(workers, folder)
    workers.end()


async def task_runs(lecture_id: UUID, kind: str) -> None:
    async def there() -> bool:
        found = [task for task in await tasks_of(lecture_id) if task["kind"] == kind]
        return any(task["state"] == "running" for task in found)

    await condition(there, seconds=60, pause=0.005)


@pytest.mark.parametrize("step", STEPS)
async def test_a_lecture_outlives_the_death_of_its_worker_at(
    step: str, relief: Relief, object_store: ObjectStore, short: Path
) -> None:
    lecture_id = await upload(object_store, content_of(short))
    await says_step(lecture_id, step)
    tools = relief.take_over()
    await reaches(lecture_id, State.PLAYABLE)
    await assert_published_once_in_the_end(object_store, lecture_id)
    assert not any(tool.is_running() for tool in tools)


@pytest.mark.parametrize("kind", ["sound", "chunk", "join"])
async def test_a_shared_lecture_outlives_the_death_of_a_worker_at_its(
    kind: str, relief: Relief, context: WorkerContext, lesson: Path
) -> None:
    lecture_id = await upload(context.objects, content_of(lesson))
    await task_runs(lecture_id, kind)
    relief.take_over()
    await reaches(lecture_id, State.PLAYABLE)
    await assert_published_once_in_the_end(context.objects, lecture_id)
    joins = [task for task in await tasks_of(lecture_id) if task["kind"] == "join"]
    assert len(joins) == 1
    assert sum(task["starts"] - 1 for task in await tasks_of(lecture_id)) == 1
