import pytest

from courses.format import Edition
from courses.loader import load_edition
from tests.courses import CONTENT


@pytest.fixture(scope="session")
def edition() -> Edition:
    return load_edition(CONTENT)
