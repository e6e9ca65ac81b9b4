"""The curriculum as published, for pages that speak of it."""

from pathlib import Path

import httpx
import pytest

from backend.curriculum.service import load_edition
from infra.clock import ManualClock

CONTENT = Path(__file__).parents[3] / "courses" / "content" / "2026.1"


@pytest.fixture
async def site(api: httpx.AsyncClient, clock: ManualClock) -> httpx.AsyncClient:
    await load_edition(CONTENT, clock())
    return api
