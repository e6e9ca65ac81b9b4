import httpx
import pytest

from backend.curriculum import service as curriculum
from courses.format import Lesson
from infra.clock import ManualClock
from infra.objects import ObjectStore
from tests.backend.progress.learning import LESSON, Learner, show_lecture
from tests.people import AsPerson
from tests.published import publish_current


@pytest.fixture
async def lesson(unit: None, clock: ManualClock, object_store: ObjectStore) -> Lesson:
    """The demonstration's lesson, published and with a lecture to play."""
    await publish_current(clock())
    await show_lecture(clock, object_store)
    return await curriculum.lesson(LESSON)


@pytest.fixture
async def learner(
    api: httpx.AsyncClient, lesson: Lesson, as_person: AsPerson, clock: ManualClock
) -> Learner:
    return Learner(api, await as_person(), clock)


@pytest.fixture
async def stranger(api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock) -> Learner:
    return Learner(api, await as_person(), clock)
