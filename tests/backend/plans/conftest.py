from tests.backend.organisations.assignments.conftest import company
from tests.backend.progress.conftest import learner, lesson, stranger

__all__ = ["company", "learner", "lesson", "stranger"]
