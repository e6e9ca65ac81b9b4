import pytest

from backend.curriculum import service
from tests.conftest import START
from tests.courses import CONTENT


@pytest.fixture
async def published(unit: None) -> str:
    """Edition 2026.1, published; its sha256."""
    return await service.load_edition(CONTENT, START)
