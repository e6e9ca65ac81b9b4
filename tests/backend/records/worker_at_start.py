"""`guanbiao worker` by the clock of the tests: it leaves nothing in the log that is younger."""

import asyncio

from backend.worker import work
from infra.clock import ManualClock
from infra.settings import get_settings
from tests.backend.records.making import START

if __name__ == "__main__":
    asyncio.run(work(get_settings(), ManualClock(START)))
