from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.clock import system_clock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from tests.media_pipeline import clips
from tests.media_pipeline.work.workers import StartWorker, Workers
from tests.one_connection import connection


@pytest.fixture(autouse=True)
async def only_our_jobs(database: None) -> None:
    """Other tests left jobs behind, which our workers would take first."""
    async with UnitOfWork(DB):
        await connection().execute("DELETE FROM pgqueuer WHERE entrypoint LIKE 'media.%'")


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


@pytest.fixture(scope="session")
def lesson(made: Path) -> Path:
    """31 s with sound, three chunks of it where a chunk lasts 12 s."""
    return clips.clip(made / "lesson.mp4", seconds=31, rate="10")


@pytest.fixture
def workers(settings: Settings, tmp_path: Path) -> Iterator[Workers]:
    running = Workers(settings, tmp_path)
    yield running
    running.end()


@pytest.fixture
def start_worker(workers: Workers) -> StartWorker:
    return workers.start
