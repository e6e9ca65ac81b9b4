"""kill -9 at every step: another worker ends the work, once, and nothing is left over."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import asyncpg
import psutil
import pytest

from infra.local.postgres import OWNER, LocalPostgres
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from media_pipeline.domain import State
from tests.media_pipeline.work.making import (
    assert_published_once_in_the_end,
    content_of,
    reaches,
    tasks_of,
    upload,
)
from tests.media_pipeline.work.workers import Relief, Workers
from tests.waiting import condition

STEPS = ["download", "probe", "loudness", "encode", "package", "poster", "check", "publish"]


_TELL = """
CREATE OR REPLACE FUNCTION tell_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('steps', NEW.id || ' ' || coalesce(NEW.step, ''));
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tell_step AFTER UPDATE OF step ON lecture
    FOR EACH ROW EXECUTE FUNCTION tell_step();
"""
_SILENCE = "DROP TRIGGER tell_step ON lecture; DROP FUNCTION tell_step"


class Steps:
    """What lectures' rows said: the database tells us, for some steps last but a moment."""

    def __init__(self) -> None:
        self._said = set[str]()

    def hear(self, *heard: object) -> None:
        self._said.add(str(heard[-1]))

    async def says(self, lecture_id: UUID, step: str) -> None:
        await condition(lambda: f"{lecture_id} {step}" in self._said, seconds=60, pause=0.001)


@pytest.fixture(scope="module")
async def steps(database: None, local_postgres: LocalPostgres) -> AsyncIterator[Steps]:
    owner = await asyncpg.connect(local_postgres.dsn(OWNER))
    await owner.execute(_TELL)
    steps = Steps()
    await owner.add_listener("steps", steps.hear)
    yield steps
    await owner.execute(_SILENCE)
    await owner.close()


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

    await condition(there, seconds=60)


@pytest.mark.parametrize("step", STEPS)
async def test_a_lecture_outlives_the_death_of_its_worker_at(
    step: str, steps: Steps, relief: Relief, object_store: ObjectStore, short: Path
) -> None:
    lecture_id = await upload(object_store, content_of(short))
    await steps.says(lecture_id, step)
    tools = relief.take_over()
    await reaches(lecture_id, State.PLAYABLE)
    await assert_published_once_in_the_end(object_store, lecture_id)
    assert not any(_works(tool) for tool in tools)


def _works(tool: psutil.Process) -> bool:
    """A dead tool whose worker is dead too waits for the system to bury it."""
    try:
        return tool.is_running() and tool.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("part", ["sound", "chunk", "join", "publish"])
async def test_a_shared_lecture_outlives_the_death_of_a_worker_at_its(
    part: str, steps: Steps, relief: Relief, context: WorkerContext, lesson: Path
) -> None:
    lecture_id = await upload(context.objects, content_of(lesson))
    await (steps.says(lecture_id, part) if part == "publish" else task_runs(lecture_id, part))
    relief.take_over()
    await reaches(lecture_id, State.PLAYABLE)
    await assert_published_once_in_the_end(context.objects, lecture_id)
    joins = [task for task in await tasks_of(lecture_id) if task["kind"] == "join"]
    assert len(joins) == 1
    assert sum(task["starts"] - 1 for task in await tasks_of(lecture_id)) == 1
