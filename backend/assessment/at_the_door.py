"""How many starts and submissions a process takes on at once.

Each takes some hundredths of a second, so a thousand wait a while and are served; of more than
could be served within a phone's patience the rest hears at once when to come back.
"""

from types import TracebackType

from infra.errors import Unavailable

MOST_AT_ONCE = 4_000
RETRY_AFTER_SECONDS = 5


class ExamRush(Unavailable):
    """Many begin or hand in at this moment; nothing was lost, it goes on by itself in seconds."""

    zh = "此刻开考或交卷的人数较多，答案没有丢失，请稍候几秒，系统将自动重试。"

    def __init__(self) -> None:
        super().__init__()
        self.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)


class AtTheDoor:
    """`async with`: ExamRush when too many are inside."""

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._most = most
        self._inside = 0

    async def __aenter__(self) -> None:
        if self._inside >= self._most:
            raise ExamRush
        self._inside += 1

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._inside -= 1
