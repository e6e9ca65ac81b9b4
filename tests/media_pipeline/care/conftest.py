from collections.abc import AsyncIterator

import pytest

from infra.clock import system_clock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from tests.media_pipeline.care import rows
from tests.one_connection import connection


@pytest.fixture
async def context(
    database: None, settings: Settings, object_store: ObjectStore
) -> AsyncIterator[WorkerContext]:
    """With an empty queue: what other tests left there would stand before ours."""
    await _no_jobs()
    yield WorkerContext(objects=object_store, clock=system_clock, settings=settings)
    await _no_jobs()
    await rows.forget(object_store)


async def _no_jobs() -> None:
    async with UnitOfWork(DB):
        await connection().execute("DELETE FROM pgqueuer WHERE entrypoint LIKE 'media.%'")
