from collections.abc import AsyncIterator

import pytest

from infra.clock import system_clock
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from media_pipeline.tables import Lecture, LectureTask, Upload


@pytest.fixture
async def context(
    database: None, settings: Settings, object_store: ObjectStore
) -> AsyncIterator[WorkerContext]:
    """Whatever the test leaves in rows and in the bucket goes."""
    yield WorkerContext(objects=object_store, clock=system_clock, settings=settings)
    for table in (Lecture, LectureTask, Upload):
        await table.delete(force=True)
    async with UnitOfWork(DB):
        await connection().execute("DELETE FROM pgqueuer")
    for prefix in ("incoming/", "lectures/", "work/"):
        for name in await object_store.list_names(prefix):
            await object_store.remove(name)
