import pytest

from courses.format import Edition, Lesson
from tests.backend.assessment.marking.essays import publish_essays
from tests.backend.assessment.sitting import Examinee
from tests.backend.progress.learning import Learner


@pytest.fixture
async def essay_examinee(learner: Learner, lesson: Lesson, edition: Edition) -> Examinee:
    """A learner whose hours are met, before an exam with essays."""
    await publish_essays(edition, learner.clock)
    await learner.complete(lesson)
    return Examinee(learner, edition)
