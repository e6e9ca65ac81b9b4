"""The curriculum as published, for pages that speak of it."""

import httpx
import pytest

from backend.curriculum.service import load_edition
from courses.editions import CURRENT
from infra.clock import ManualClock


@pytest.fixture
async def site(api: httpx.AsyncClient, clock: ManualClock) -> httpx.AsyncClient:
    await load_edition(CURRENT, clock())
    return api
