"""How far a piece of work is: said once a second and at each step, and heard if it is wanted."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from infra.errors import DomainError
from infra.outage import is_away
from media_pipeline.domain import Lack
from media_pipeline.work.domain import Superseded

SECONDS = 1.0
LAST_WORD_SECONDS = 5.0
_log = structlog.get_logger(__name__)

Write = Callable[[str, int, Lack | None], Awaitable[bool]]


class Report:
    """`write` says the step, percent and what is lacking, and hears whether the work is wanted."""

    def __init__(self, write: Write, step: str) -> None:
        self._write = write
        self._step, self._percent = step, 0
        self._lack: Lack | None = None
        self._unsaid = deque[tuple[str, int]]()
        self._news = asyncio.Event()

    def take(self, step: str, percent: float) -> None:
        """Every step is said, in order, however short it is; of its percents the latest."""
        if step != self._step:
            self._unsaid.append((str(step), int(percent)))
            self._news.set()
        self._step, self._percent = str(step), int(percent)

    def lacking(self, error: DomainError | None) -> None:
        """None: all is there again."""
        self._lack = Lack.of(error) if error else None

    async def while_running(self, work: Awaitable[Any]) -> Any:
        """The work's own result or error; Superseded ends the work. A report that the database
        does not answer holds nothing up."""
        running, saying = asyncio.ensure_future(work), asyncio.ensure_future(self._say())
        try:
            while not running.done():
                await asyncio.wait({running, saying}, return_when=asyncio.FIRST_COMPLETED)
                if saying.done():
                    saying.result()
                    await self._news_or_pause(running)
                    saying = asyncio.ensure_future(self._say())
        except BaseException:
            running.cancel()
            await asyncio.wait({running})
            if not running.cancelled():
                running.exception()  # seen: what ended it is what counts
            raise
        finally:
            await _ended(saying)
        return await running

    async def _news_or_pause(self, running: "asyncio.Future[Any]") -> None:
        news = asyncio.ensure_future(self._news.wait())
        both = {running, news}
        await asyncio.wait(both, timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
        if not self._unsaid:
            self._news.clear()

    async def _say(self) -> None:
        step, percent = self._unsaid.popleft() if self._unsaid else (self._step, self._percent)
        try:
            wanted = await self._write(step, percent, self._lack)
        except Exception as error:
            if not is_away(error):
                raise
            _log.warning("progress was not written", reason=str(error))
            return
        if not wanted:
            raise Superseded


async def _ended(saying: "asyncio.Future[None]") -> None:
    """Cancelling a query half-way costs its connection, so it gets a moment to end by itself."""
    await asyncio.wait({saying}, timeout=LAST_WORD_SECONDS)
    if not saying.done():
        saying.cancel()
    elif not saying.cancelled():
        saying.exception()
