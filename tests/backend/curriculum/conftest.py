import pytest

from tests.conftest import START
from tests.published import publish_current


@pytest.fixture
async def published(unit: None) -> str:
    """Edition 2026.1, published; its sha256."""
    return await publish_current(START)
