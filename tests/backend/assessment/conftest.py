import pytest

from backend.curriculum import service as curriculum
from courses.format import Edition, Lesson
from tests.backend.assessment.sitting import Examinee
from tests.backend.progress.conftest import learner, lesson, stranger
from tests.backend.progress.learning import Learner

__all__ = ["edition", "examinee", "learner", "lesson", "stranger"]


@pytest.fixture
async def edition(lesson: Lesson) -> Edition:
    return await curriculum.current_edition()


@pytest.fixture
async def examinee(learner: Learner, lesson: Lesson, edition: Edition) -> Examinee:
    """A learner whose hours are met."""
    await learner.complete(lesson)
    return Examinee(learner, edition)
