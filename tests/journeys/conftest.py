from collections.abc import Iterator

import pytest

from tests.live import Live, demonstration


@pytest.fixture(scope="package")
def live() -> Iterator[Live]:
    """An instance as `guanbiao up --demo` starts it, for all journeys: it ends with this folder."""
    with demonstration() as started:
        yield started
