import pytest

from infra.clock import ManualClock
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings


@pytest.fixture
def context(object_store: ObjectStore, clock: ManualClock, settings: Settings) -> WorkerContext:
    return WorkerContext(objects=object_store, clock=clock, settings=settings)
