"""The curriculum as published, for pages that speak of it."""

import httpx
import pytest

from infra.clock import ManualClock
from tests.published import publish_current


@pytest.fixture
async def site(api: httpx.AsyncClient, clock: ManualClock) -> httpx.AsyncClient:
    await publish_current(clock())
    return api
