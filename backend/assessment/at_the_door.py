"""How many starts and submissions a process takes on at once.

Each takes some hundredths of a second of a core. A few are served abreast, so that answers being
saved, and everything else, never wait behind a thousand starts for a connection to the database.
The others wait for their turn, as many as are served within a phone's patience; whoever comes
beyond that hears at once when to come back.
"""

import asyncio
from types import TracebackType

from infra.errors import Unavailable

MOST_AT_ONCE = 2_000
"""Half a minute's work of a process with a core for itself and for its part of PostgreSQL."""
ABREAST = 4
"""Half of the connections that a process has (`pool_size`); more of them are no faster."""
RETRY_AFTER_SECONDS = 5


class ExamRush(Unavailable):
    """Many begin or hand in at this moment; nothing was lost, it goes on by itself in seconds."""

    zh = "此刻开考或交卷的人数较多，答案没有丢失，请稍候几秒，系统将自动重试。"

    def __init__(self) -> None:
        super().__init__()
        self.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)


class AtTheDoor:
    """`async with`: waits for a turn; ExamRush when too many wait already."""

    def __init__(self, most: int = MOST_AT_ONCE, abreast: int = ABREAST) -> None:
        self._most = most
        self._inside = 0
        self._turn = asyncio.Semaphore(abreast)

    async def __aenter__(self) -> None:
        if self._inside >= self._most:
            raise ExamRush
        self._inside += 1
        try:
            await self._turn.acquire()
        except BaseException:  # whoever gives up leaves the queue
            self._inside -= 1
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._turn.release()
        self._inside -= 1
